"""URLs that lead inside, or are not what they seem, with what refuses each of them; and odd ones that are fine.

The names of `DNS` are resolved to the addresses beside them.
"""

from __future__ import annotations

DNS: dict[str, tuple[str, ...]] = {
    "shop.example": ("93.184.216.34",),
    "xn--zca.example": ("93.184.216.34",),
    "example.com": ("93.184.216.34", "2606:2800:220:1::1"),
    "six.example": ("2606:4700::1111",),
    "nat64.example": ("64:ff9b::5db8:d822",),
    # names for places inside
    "127.0.0.1.nip.example": ("127.0.0.1",),
    "localtest.example": ("::1",),
    "router.example": ("192.168.0.1",),
    "ten.example": ("10.1.2.3",),
    "cgnat.example": ("100.64.1.1",),
    "metadata.example": ("169.254.169.254",),
    "wire.example": ("168.63.129.16",),
    "oracle.example": ("192.0.0.192",),
    "zero.example": ("0.0.0.0",),
    "broadcast.example": ("255.255.255.255",),
    "multicast.example": ("224.0.0.251",),
    "bench.example": ("198.18.0.1",),
    "ula.example": ("fd00:ec2::254",),
    "linklocal.example": ("fe80::1",),
    "sitelocal.example": ("fec0::1",),
    "mapped.example": ("::ffff:10.0.0.1",),
    "compatible.example": ("::127.0.0.1",),
    "siit.example": ("::ffff:0:127.0.0.1",),
    "nat64-inside.example": ("64:ff9b::a9fe:a9fe",),
    "nat64-local.example": ("64:ff9b:1::a9fe:a9fe",),
    "6to4.example": ("2002:7f00:1::",),
    "teredo.example": ("2001:0:4136:e378:8000:63bf:80ff:fffe",),
    "isatap.example": ("2606:4700::5efe:7f00:1",),
    "orchid.example": ("2001:20::1",),
    "srv6.example": ("5f00::1",),
    "doc6.example": ("3fff::1",),
    # mixed answers
    "mixed.example": ("93.184.216.34", "10.0.0.1"),
    "mixed-last.example": ("93.184.216.34", "1.1.1.1", "8.8.8.8", "127.0.0.1"),
    "mixed-six.example": ("93.184.216.34", "::1"),
    "mixed-mapped.example": ("93.184.216.34", "::ffff:127.0.0.1"),
}

_PRIVATE = """
http://127.0.0.1/ http://127.0.0.1:8080/ http://127.255.255.254/ http://0.0.0.0/ http://0.0.0.0:80/ http://10.0.0.1/
http://10.255.255.255/ http://100.64.0.1/ http://100.100.100.200/latest/meta-data/ http://100.127.255.255/
http://169.254.169.254/latest/meta-data/ http://169.254.170.2/v2/credentials http://172.16.0.1/ http://172.31.255.255/
http://192.168.1.1/ http://192.168.0.254/admin http://168.63.129.16/ http://192.0.0.192/ http://192.0.0.1/
http://192.0.2.1/ http://192.88.99.1/ http://192.31.196.1/ http://192.52.193.1/ http://192.175.48.1/ http://198.18.0.1/
http://198.19.255.255/ http://198.51.100.7/ http://203.0.113.9/ http://224.0.0.1/ http://239.255.255.250/
http://240.0.0.1/ http://255.255.255.255/ http://[::]/ http://[::1]/ http://[0:0:0:0:0:0:0:1]/ http://[0000::0001]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[0:0:0:0:0:ffff:127.0.0.1]/ http://[::127.0.0.1]/
http://[::7f00:1]/ http://[::ffff:0:127.0.0.1]/ http://[::ffff:0:7f00:1]/ http://[64:ff9b::169.254.169.254]/
http://[64:ff9b::7f00:1]/ http://[64:ff9b::10.0.0.1]/ http://[64:ff9b:1::a9fe:a9fe]/ http://[64:ff9b:1::7f00:1]/
http://[2002:7f00:1::]/ http://[2002:a00:1::1]/ http://[2002:a9fe:a9fe::]/ http://[2001::1]/
http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/ http://[2001:10::1]/ http://[2001:20::1]/ http://[2001:db8::1]/
http://[2606:4700::5efe:7f00:1]/ http://[2606:4700::200:5efe:a00:1]/ http://[fe80::1]/ http://[fec0::1]/
http://[fc00::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/ http://[5f00::1]/ http://[3fff::1]/ http://[3ffe::1]/
http://[100::1]/ http://[2620:4f:8000::1]/ http://[2d00::1]/ http://[4000::1]/ http://[::1]:/x: http://[8000::1]/ http://[e000::1]/
http://127.0.0.1.nip.example/ http://localtest.example/ http://router.example/ http://ten.example/
http://cgnat.example/ http://metadata.example/ http://wire.example/ http://oracle.example/ http://zero.example/
http://broadcast.example/ http://multicast.example/ http://bench.example/ http://ula.example/ http://linklocal.example/
http://sitelocal.example/ http://mapped.example/ http://compatible.example/ http://siit.example/
http://nat64-inside.example/ http://nat64-local.example/ http://6to4.example/ http://teredo.example/
http://isatap.example/ http://orchid.example/ http://srv6.example/ http://doc6.example/ http://mixed.example/
http://mixed-last.example/ http://mixed-six.example/ http://mixed-mapped.example/ https://METADATA.example./
http://ｒｏｕｔｅｒ.example/ http://ⓡⓞⓤⓣⓔⓡ。example/ http://ten.example:443/ https://ten.example:80/
"""
_SPECIAL = """
http://localhost/ http://LOCALHOST./ http://localhost:8080/ http://a.localhost/ http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/ http://ｌｏｃａｌｈｏｓｔ/
http://metadata.google.internal/ http://metadata/ http://intranet/ http://wiki.corp/ http://nas.lan/ http://printer.local/
http://fritz.box.home.arpa/ http://x.test/ http://x.invalid/ http://x.onion/ http://kubernetes.default.svc.internal/
http://router.home/ http://x.localdomain/ http://x.intranet/ http://x.alt/
"""
_INVALID = """
http://127.1/ http://127.0.1/ http://0/ http://00/ http://0x0/ http://2130706433/ http://02130706433/
http://017700000001/ http://0x7f000001/ http://0x7F.1/ http://0x7f.0x0.0x0.0x1/ http://0177.0.0.1/
http://0177.0x0.0.1/ http://127.000.000.001/ http://127.0.0.1./ http://2852039166/ http://0xA9FEA9FE/
http://0251.0376.0251.0376/ http://169.254.43518/ http://169.16689662/ http://1.2.3/ http://256.1.1.1/
http://1.2.3.4.5/ http://1.2.3.4.0x5/ http://0x/ http://a.0x/ http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ http://127．0．0．1/
http://127｡0｡0｡1/ http://１２７.0.0.1/ http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/ http://¹²⁷.0.0.1/ http://₁₂₇.0.0.1/ http://１６９.２５４.１６９.２５４/
http://②⑧⑤②⓪③⑨①⑥⑥/ http://０ｘ７ｆ000001/ http://[::1 http://[::1]x/ http://[::1]@/ http://[127.0.0.1]/
http://[::ffff:127.0.0.01]/ http://[::ffff:0x7f.0.0.1]/ http://[[::1]]/ http://::1/ http://[::1::]/
http://[1:2:3:4:5:6:7:8:9]/ http://[v1.x]/ http://[]/ http://]/ http://[/ http://shop.example:0/
http://shop.example:65536/ http://shop.example:99999999999999999999/ http://shop.example:8o/
http://shop.example:８０/ http://shop.example:+80/ http://shop.example:-80/ http://shop.example:80:80/
gopher://127.0.0.1:6379/_ dict://127.0.0.1:11211/ file:///etc/passwd ftp://127.0.0.1/ jar:http://127.0.0.1!/
tftp://ten.example/ ldap://127.0.0.1/ view-source:http://127.0.0.1/ javascript:fetch('http://127.0.0.1')
data:text/html,x ws://127.0.0.1/ //127.0.0.1/ /etc/passwd 127.0.0.1 shop.example:80/x http:// http://@/ http://:80/
http://?x http://#x http://./ http://../ http://shop..example/ http://.shop.example/ http://shop.example../
http://sh!op.example/ http://shop.exam{ple}/ http://xn--a.example/ http://xn--.example/ http://xn--0.pt/
http://a⒈com/ http://shop.example？x.ten.example/ http://shop.example＃.ten.example/ http://shop.example：80/
http://shop＠ten.example/ http://℀.shop.example/ http://a\u0301\u200d.example/ http://\u0301a.example/
"""
_SLOPPY = """
http:\\\\127.0.0.1\\ http:127.0.0.1/ http:/127.0.0.1/ http:///127.0.0.1/ http:////127.0.0.1/ https:\\127.0.0.1
http://127.0.0.1\\@shop.example/ http://127.1.1.1:80\\@127.2.2.2:80/ http://shop.example\\.ten.example/
http://127.0.0.1%00.shop.example/ http://%31%32%37.0.0.1/ http://%6c%6f%63%61%6c%68%6f%73%74/
http://127%2e0%2e0%2e1/ http://shop.example%2f@127.0.0.1%2f/ http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/
http://[::1%25lo]/ http://㏂.example%/
"""
_BLANK = (
    "ht\ntp://127.0.0.1/",
    "http://127.0.0.1\t/",
    "http://127.0.\n0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1/ ",
    "http://\u00a0127.0.0.1/",
    "http://127.0.0.1\u200b/",
    "http://lo\u00adcalhost.lan/",
    "http://\u202e1.0.0.721/",
    "http://1.1.1.1 &@2.2.2.2# @3.3.3.3/",
    "http://shop.example\u2028/",
    "http://shop.example/\x00",
    "http://shop.example/\r\nHost: ten.example",
    "http://shop.example/ HTTP/1.1\r\nX: y",
)
_USERINFO = """
http://shop.example@127.0.0.1/ http://a:b@shop.example/ http://@shop.example/x@ http://shop.example:80@127.0.0.1/
http://127.0.0.1@shop.example/ http://a@b@ten.example/ http://shop.example／@ten.example/
http://shop.example%40@ten.example/ http://a:@shop.example/
"""
_PORTS = """
http://shop.example:22/ http://shop.example:25/ https://shop.example:465/ http://shop.example:6667/ http://shop.example:1/
http://shop.example:2049/ http://shop.example:6000/ http://shop.example:139/ http://shop.example:00022/
http://93.184.216.34:22/ http://shop.example:10080/ http://shop.example:993/ http://[2606:4700::1111]:25/
"""

REFUSED: dict[str, str] = {
    **dict.fromkeys(_PRIVATE.split(), "private-address"),
    **dict.fromkeys(_SPECIAL.split(), "special-use-name"),
    **dict.fromkeys(_INVALID.split(), "invalid-url"),
    **dict.fromkeys([*_SLOPPY.split(), *_BLANK], "sloppy-url"),
    **dict.fromkeys(_USERINFO.split(), "userinfo"),
    **dict.fromkeys(_PORTS.split(), "port"),
}

ALLOWED: dict[str, str] = {
    "http://shop.example/": "93.184.216.34:80",
    "https://shop.example/": "93.184.216.34:443",
    "http://shop.example#@127.0.0.1/": "93.184.216.34:80",
    "http://shop.example?@127.0.0.1/": "93.184.216.34:80",
    "http://shop.example/@127.0.0.1": "93.184.216.34:80",
    "http://shop.example/http://127.0.0.1/": "93.184.216.34:80",
    "http://shop.example/?u=http://localhost/\\": "93.184.216.34:80",
    "http://ß.example/": "93.184.216.34:80",
    "http://SHOP.example./": "93.184.216.34:80",
    "http://ｓｈｏｐ。example/": "93.184.216.34:80",
    "http://shop.example:080/": "93.184.216.34:80",
    "http://shop.example:/": "93.184.216.34:80",
    "http://shop.example:8080/": "93.184.216.34:8080",
    "http://93.184.216.34/": "93.184.216.34:80",
    "http://93.184.216.34:8443/": "93.184.216.34:8443",
    "http://[2606:4700::1111]/": "2606:4700::1111:80",
    "http://[2606:4700:0000::0000:1111]:81/": "2606:4700::1111:81",
    "http://[64:ff9b::93.184.216.34]/": "64:ff9b::5db8:d822:80",
    "http://[::ffff:93.184.216.34]/": "::ffff:5db8:d822:80",
    "http://six.example/": "2606:4700::1111:80",
    "http://nat64.example/": "64:ff9b::5db8:d822:80",
    "http://example.com/": "93.184.216.34:80",
}
"""With the one place that each may be connected to first."""
