"""The guarded web client: the only part of mailcheck that opens a socket.

`answers` says what rules get, `policy` what may be requested, `guard` which addresses are refused. `client`
ties the rest together: names are resolved once (`resolving`), connections go to exactly the addresses that were
looked at (`connecting`), one request each (`exchange`, and `plain` for the answers that most servers give), every
redirect through all of it again (`chain`), also that of a page which leads on by itself (`refreshing`), in turn
(`lanes`), with patience (`retrying`), each question `once`. `judging` makes a verdict of what came back.
"""
