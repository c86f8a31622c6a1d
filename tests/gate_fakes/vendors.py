"""listmonk, Mailchimp, Klaviyo and Brevo, from their public descriptions."""

from __future__ import annotations

import base64
from typing import Any

from gate_fakes.engine import Answer, Asked, Fake, Refused, needs, needs_body
from gate_fakes.world import Campaign, World, moment


def _iso(campaign: Campaign) -> str | None:
    return campaign.at.isoformat() if campaign.at else None


def _page(asked: Asked, found: list[Any], size: str, start: int) -> list[Any]:
    limit = int(asked.query[size])
    return found[start : start + limit]


# listmonk


def listmonk(world: World) -> Fake:
    names = {"sending": "running", "sent": "finished"}

    def shown(one: Campaign, asked: Asked) -> dict[str, Any]:
        bare = asked.query.get("no_body") == "true"
        return {
            "id": int(one.id),
            "name": one.name,
            "subject": one.subject,
            "from_email": "Shop <news@shop.example>",
            "body": "" if bare else one.html,
            "altbody": one.text,
            "send_at": _iso(one),
            "status": names.get(one.status, one.status),
            "content_type": "html",
            "template_id": 3,
            "messenger": "email",
            "type": "regular",
            "lists": [{"id": 7, "name": "Customers"}],
            "media": [],
            "headers": [{"X-Preheader": one.preheader}, {"Reply-To": "help@shop.example"}],
            "attribs": {},
            "updated_at": "2026-11-01T10:00:00.123456+01:00",
        }

    def one(asked: Asked, ident: str) -> Answer:
        # listmonk says 400 for a campaign that it does not know.
        return 200, {"data": shown(world.find(ident, 400), asked)}

    def many(asked: Asked) -> Answer:
        found = [shown(one, asked) for one in world.scheduled()] if asked.query["status"] == "scheduled" else []
        part = _page(asked, found, "per_page", (int(asked.query["page"]) - 1) * int(asked.query["per_page"]))
        return 200, {"data": {"results": part, "total": len(found), "per_page": 100, "page": 1}}

    def update(asked: Asked, ident: str) -> Answer:
        body = needs_body(asked, "application/json", "send_at", "lists", "media", "attribs")
        if body["lists"] != [7]:
            raise Refused(400, {"message": "Invalid list IDs"})
        world.find(ident).at = moment(body["send_at"])
        return 200, {"data": {}}

    def status(asked: Asked, ident: str) -> Answer:
        wanted = needs_body(asked, "application/json", "status")["status"]
        if wanted == "scheduled":
            world.schedule(ident, world.find(ident).at)
        elif wanted in ("draft", "paused"):
            if wanted == "draft" and world.find(ident).status != "scheduled":
                raise Refused(400, {"message": "Only scheduled campaigns can be saved as drafts"})
            world.stop(ident, wanted)
        else:
            raise Refused(400, {"message": "Invalid status"})
        return 200, {"data": {}}

    def template(_asked: Asked, _ident: str) -> Answer:
        return 200, {"data": {"id": 3, "body": '<!doctype html>{{ template "content" . }}<p>{{ UnsubscribeURL }}</p>'}}

    def people(_asked: Asked, _ident: str) -> Answer:
        counts = {"confirmed": 900, "unconfirmed": 60, "unsubscribed": 40}
        return 200, {"data": {"id": 7, "optin": "single", "subscriber_count": 1000, "subscriber_statuses": counts}}

    return Fake(
        [
            ("GET", r"/api/campaigns", many),
            ("GET", r"/api/campaigns/(\d+)", one),
            ("PUT", r"/api/campaigns/(\d+)", update),
            ("PUT", r"/api/campaigns/(\d+)/status", status),
            ("GET", r"/api/templates/(\d+)", template),
            ("GET", r"/api/lists/(\d+)", people),
        ],
        lambda asked: needs(asked, "Authorization", "token gate:s3cret-key", 403),
    )


# Mailchimp


def mailchimp(world: World) -> Fake:
    names = {"draft": "save", "scheduled": "schedule"}
    key = "Basic " + base64.b64encode(b"mailcheck:s3cret-key").decode()

    def shown(one: Campaign) -> dict[str, Any]:
        return {
            "id": one.id,
            "type": "regular",
            "status": names.get(one.status, one.status),
            "send_time": _iso(one) or "",
            "emails_sent": 0,
            "content_type": "template",
            "recipients": {
                "list_id": "a1b2",
                "list_name": "Customers",
                "segment_text": "",
                "recipient_count": 960,
                "segment_opts": {"saved_segment_id": 5, "match": "any"},
            },
            "settings": {
                "subject_line": one.subject,
                "preview_text": one.preheader,
                "title": one.name,
                "from_name": "Shop",
                "reply_to": "news@shop.example",
                "timewarp": False,
            },
        }

    def many(asked: Asked) -> Answer:
        found = world.scheduled() if asked.query["status"] == "schedule" else []
        part = _page(asked, found, "count", int(asked.query["offset"]))
        names = [name.removeprefix("campaigns.") for name in asked.query["fields"].split(",")]
        short = [{key: value for key, value in shown(one).items() if key in names} for one in part]
        return 200, {"campaigns": short, "total_items": len(found)}

    def content(_asked: Asked, ident: str) -> Answer:
        one = world.find(ident)
        return 200, {"html": one.html, "plain_text": one.text, "archive_html": one.html}

    def schedule(asked: Asked, ident: str) -> Answer:
        at = moment(needs_body(asked, "application/json", "schedule_time")["schedule_time"])
        if at.minute % 15 or at.second:
            raise Refused(400, {"detail": "Schedule time must be on the quarter hour"})
        world.schedule(ident, at)
        return 204, None

    def stop(asked: Asked, ident: str) -> Answer:
        if asked.raw:
            raise Refused(400, {"detail": "no body is wanted"})
        sending = world.find(ident).status == "sending"
        if asked.path.endswith("cancel-send") is not sending:
            raise Refused(400, {"detail": "not in this state"})
        world.stop(ident, "canceled" if sending else "draft")
        return 204, None

    return Fake(
        [
            ("GET", r"/3.0/", lambda _asked: (200, {"account_timezone": "America/New_York"})),
            ("GET", r"/3.0/campaigns", many),
            ("GET", r"/3.0/campaigns/(\w+)", lambda _asked, ident: (200, shown(world.find(ident)))),
            ("GET", r"/3.0/campaigns/(\w+)/content", content),
            ("POST", r"/3.0/campaigns/(\w+)/actions/schedule", schedule),
            ("POST", r"/3.0/campaigns/(\w+)/actions/(?:unschedule|cancel-send)", stop),
        ],
        lambda asked: needs(asked, "Authorization", key),
        media="application/problem+json",
    )


# Klaviyo

LINKS = {"links": {"self": "https://x.example"}}


def klaviyo(world: World) -> Fake:  # noqa: C901 - a table of routes
    names = {"draft": "Draft", "scheduled": "Scheduled", "sending": "Sending", "sent": "Sent"}
    media = "application/vnd.api+json"

    def check(asked: Asked) -> None:
        needs(asked, "Authorization", "Klaviyo-API-Key s3cret-key")
        needs(asked, "revision", "2026-07-15", 400)
        needs(asked, "Accept", media, 406)

    def resource(one: Campaign) -> dict[str, Any]:
        strategy: dict[str, Any] = {"method": "immediate"}
        if one.at:
            strategy = {"method": "static", "datetime": _iso(one), "options": {"is_local": False}}
        attributes = {
            "name": one.name,
            "status": names[one.status],
            "archived": False,
            "audiences": {"included": ["S2", "S1"], "excluded": ["X1"]},
            "send_strategy": strategy,
            "updated_at": "2026-11-01T10:00:00+00:00",
            "created_at": "2026-11-01T10:00:00+00:00",
            "send_options": {"use_smart_sending": True},
            "send_time": None,
        }
        return {"type": "campaign", "id": one.id, "attributes": attributes, **LINKS}

    def message(one: Campaign) -> dict[str, Any]:
        content = {
            "subject": one.subject,
            "preview_text": one.preheader,
            "from_email": "news@shop.example",
            "from_label": "Shop",
            "reply_to_email": None,
            "cc_email": None,
            "bcc_email": None,
        }
        definition = {"channel": "email", "label": "m", "content": content}
        return {"type": "campaign-message", "id": f"M{one.id}", "attributes": {"definition": definition}, **LINKS}

    def one(asked: Asked, ident: str) -> Answer:
        found = world.find(ident)
        included = [message(found)] if asked.query.get("include") == "campaign-messages" else []
        return 200, {"data": resource(found), "included": included}

    def many(asked: Asked) -> Answer:
        if "messages.channel,'email'" not in asked.query["filter"] or '"Scheduled"' not in asked.query["filter"]:
            raise Refused(400, {"errors": [{"detail": "a filter by channel and status is needed"}]})
        found = world.scheduled()
        start = int(asked.query.get("page[cursor]", "0"))
        following = f"https://elsewhere.example/api/campaigns?page%5Bcursor%5D={start + 100}"
        links = {"self": "https://x.example", **({"next": following} if start + 100 < len(found) else {})}
        return 200, {"data": [resource(one) for one in found[start : start + 100]], "links": links}

    def template(_asked: Asked, ident: str) -> Answer:
        one = world.find(ident.removeprefix("M"))
        attributes = {"name": "t", "editor_type": "CODE", "html": one.html, "text": one.text}
        return 200, {"data": {"type": "template", "id": "T1", "attributes": attributes, **LINKS}, **LINKS}

    def estimate(_asked: Asked, ident: str) -> Answer:
        kind = "campaign-recipient-estimation"
        attributes = {"estimated_recipient_count": 960}
        return 200, {"data": {"type": kind, "id": ident, "attributes": attributes, **LINKS}, **LINKS}

    def patch(asked: Asked, ident: str) -> Answer:
        data = needs_body(asked, media, "data")["data"]
        strategy = data["attributes"]["send_strategy"]
        if (data["type"], data["id"], strategy["method"]) != ("campaign", ident, "static"):
            raise Refused(400, {"errors": [{"detail": "not valid"}]})
        if world.find(ident).status != "draft":
            raise Refused(400, {"errors": [{"detail": "only drafts can be changed"}]})
        if not world.deaf:
            world.find(ident).at = moment(strategy["datetime"])
        return 200, {"data": resource(world.find(ident))}

    def send(asked: Asked) -> Answer:
        data = needs_body(asked, media, "data")["data"]
        found = world.find(data["id"])
        if data["type"] != "campaign-send-job":
            raise Refused(400, {"errors": [{"detail": "not valid"}]})
        world.schedule(found.id, found.at)
        return 202, {"data": {"type": "campaign-send-job", "id": found.id, "attributes": {"status": "queued"}, **LINKS}}

    def revert(asked: Asked, ident: str) -> Answer:
        data = needs_body(asked, media, "data")["data"]
        if (data["type"], data["id"], data["attributes"]) != ("campaign-send-job", ident, {"action": "revert"}):
            raise Refused(400, {"errors": [{"detail": "not valid"}]})
        world.stop(ident)
        return 204, None

    return Fake(
        [
            ("GET", r"/api/campaigns", many),
            ("GET", r"/api/campaigns/(\w+)", one),
            ("PATCH", r"/api/campaigns/(\w+)", patch),
            ("GET", r"/api/campaign-messages/(\w+)/template", template),
            ("GET", r"/api/campaign-recipient-estimations/(\w+)", estimate),
            ("POST", r"/api/campaign-send-jobs", send),
            ("PATCH", r"/api/campaign-send-jobs/(\w+)", revert),
        ],
        check,
        media=media,
    )


# Brevo


def brevo(world: World) -> Fake:
    names = {"scheduled": "queued", "paused": "suspended", "sending": "inProcess"}

    def shown(one: Campaign, asked: Asked) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": int(one.id),
            "name": one.name,
            "subject": one.subject,
            "previewText": one.preheader,
            "type": "classic",
            "status": names.get(one.status, one.status),
            "abTesting": False,
            "sendAtBestTime": False,
            "testSent": False,
            "header": "[DEFAULT_HEADER]",
            "footer": "[DEFAULT_FOOTER]",
            "sender": {"name": "Shop", "email": "news@shop.example", "id": 4},
            "replyTo": "[DEFAULT_REPLY_TO]",
            "createdAt": "2026-11-01T10:00:00.000+01:00",
            "modifiedAt": "2026-11-01T10:00:00.000+01:00",
            "recipients": {"lists": [7], "exclusionLists": []},
        }
        if asked.query.get("excludeHtmlContent") != "true":
            made["htmlContent"] = one.html
        if one.at:
            made["scheduledAt"] = one.at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
        return made

    def many(asked: Asked) -> Answer:
        found = world.scheduled() if asked.query["status"] == "queued" else []
        if not found:
            return 200, {"count": 0}
        part = _page(asked, found, "limit", int(asked.query["offset"]))
        return 200, {"count": len(found), "campaigns": [shown(one, asked) for one in part]}

    def update(asked: Asked, ident: str) -> Answer:
        world.schedule(ident, moment(needs_body(asked, "application/json", "scheduledAt")["scheduledAt"]))
        return 204, None

    def status(asked: Asked, ident: str) -> Answer:
        wanted = needs_body(asked, "application/json", "status")["status"]
        if wanted not in ("draft", "suspended"):
            raise Refused(400, {"code": "invalid_parameter", "message": "Invalid status"})
        world.stop(ident, "paused" if wanted == "suspended" else "draft")
        return 204, None

    def people(_asked: Asked, _ident: str) -> Answer:
        return 200, {"id": 7, "name": "Customers", "totalSubscribers": 1000, "uniqueSubscribers": 960}

    return Fake(
        [
            ("GET", r"/v3/emailCampaigns", many),
            ("GET", r"/v3/emailCampaigns/(\d+)", lambda asked, ident: (200, shown(world.find(ident), asked))),
            ("PUT", r"/v3/emailCampaigns/(\d+)", update),
            ("PUT", r"/v3/emailCampaigns/(\d+)/status", status),
            ("GET", r"/v3/contacts/lists/(\d+)", people),
        ],
        lambda asked: needs(asked, "api-key", "s3cret-key"),
    )
