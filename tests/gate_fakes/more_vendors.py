"""HubSpot, SendGrid, Braze and Marketing Cloud, from their public descriptions."""

from __future__ import annotations

from typing import Any

from gate_fakes.engine import Answer, Asked, Fake, Refused, needs, needs_body
from gate_fakes.world import Campaign, World, moment

BEARER = "Bearer s3cret-key"


def _iso(campaign: Campaign) -> str | None:
    return campaign.at.strftime("%Y-%m-%dT%H:%M:%SZ") if campaign.at else None


# HubSpot


def hubspot(world: World) -> Fake:
    names = {"draft": "DRAFT", "scheduled": "SCHEDULED", "sending": "PROCESSING", "sent": "PUBLISHED"}
    base = r"/marketing/emails/2026-09"

    def shown(one: Campaign) -> dict[str, Any]:
        sections = [
            {
                "id": "s",
                "style": {},
                "columns": [{"id": "c", "width": 12, "widgets": ["w1"] if world.bare else ["w1", "w2", "w3", "w4"]}],
            }
        ]
        widgets = {
            "w1": {"type": "module", "body": {"path": "@hubspot/rich_text", "html": one.html}},
            "w2": {
                "body": {"path": "@hubspot/email_image", "img": {"src": "https://cdn.example/a.png", "alt": "A coat"}}
            },
            "w3": {"body": {"path": "@hubspot/email_button", "text": "Buy", "destination": "https://shop.example/buy"}},
            "w4": {"body": {"path": "@hubspot/email_footer", "unsubscribe_link_type": "both"}},
            "preview_text": {"body": {"value": one.preheader}},
        }
        planned = {"publishDate": _iso(one)} if one.at else {}
        return {
            **planned,
            "id": one.id,
            "name": one.name,
            "subject": one.subject,
            "state": names[one.status],
            "type": "BATCH_EMAIL",
            "isAb": False,
            "sendOnPublish": False,
            "updatedAt": "2026-11-01T10:00:00Z",
            "emailTemplateMode": "DRAG_AND_DROP",
            "from": {"fromName": "Shop", "replyTo": "news@shop.example", "customReplyTo": "help@shop.example"},
            "to": {"contactIlsLists": {"include": ["12", "7"], "exclude": []}, "contactIds": {"include": []}},
            "content": {
                "flexAreas": {"main": {"boxed": False, "sections": sections}},
                "widgets": widgets,
                "plainTextVersion": one.text,
            },
        }

    def many(asked: Asked) -> Answer:
        if "updatedAfter" not in asked.query:
            raise Refused(400, {"message": "would read every mail there ever was"})
        every = sorted(world.campaigns.values(), key=lambda one: one.id)
        start, limit = int(asked.query.get("after", "0")), int(asked.query["limit"])
        part: list[dict[str, Any]] = [{"id": one.id, "isAb": False, "state": names[one.status]} for one in every]
        for one, entry in zip(every, part, strict=True):
            entry.update({"publishDate": _iso(one)} if one.at else {})
        paging = {"next": {"after": str(start + limit)}} if start + limit < len(every) else None
        return 200, {
            "total": len(every),
            "results": part[start : start + limit],
            **({"paging": paging} if paging else {}),
        }

    def patch(asked: Asked, ident: str) -> Answer:
        body = needs_body(asked, "application/json", "publishDate", "sendOnPublish")
        if not world.deaf:
            world.find(ident).at = moment(body["publishDate"])
        return 200, shown(world.find(ident))

    def publish(asked: Asked, ident: str) -> Answer:
        world.schedule(ident, world.find(ident).at)
        return 204, None

    def unpublish(asked: Asked, ident: str) -> Answer:
        world.stop(ident)
        return 204, None

    return Fake(
        [
            ("GET", base, many),
            ("GET", base + r"/(\d+)", lambda _asked, ident: (200, shown(world.find(ident)))),
            ("PATCH", base + r"/(\d+)", patch),
            ("POST", base + r"/(\d+)/publish", publish),
            ("POST", base + r"/(\d+)/unpublish", unpublish),
        ],
        lambda asked: needs(asked, "Authorization", BEARER),
    )


# SendGrid


def sendgrid(world: World) -> Fake:
    names = {"sent": "triggered"}
    base = r"/v3/marketing/singlesends"

    def shown(one: Campaign) -> dict[str, Any]:
        return {
            "id": one.id,
            "name": one.name,
            "status": names.get(one.status, one.status),
            "categories": [],
            "send_at": _iso(one),
            "send_to": {"list_ids": ["l-1"], "segment_ids": [], "all": False},
            "updated_at": "2026-11-01T10:00:00Z",
            "email_config": {
                "subject": one.subject,
                "html_content": one.html,
                "plain_content": one.text,
                "generate_plain_content": False,
                "editor": "code",
                "suppression_group_id": 3,
                "sender_id": 17,
            },
        }

    def search(asked: Asked) -> Answer:
        if needs_body(asked, "application/json", "status")["status"] != ["scheduled"]:
            raise Refused(400, {"errors": [{"message": "status"}]})
        found = world.scheduled()
        start, size = int(asked.query.get("page_token", "0")), int(asked.query["page_size"])
        following = f"https://elsewhere.example/search?page_size={size}&page_token={start + size}"
        metadata = {
            "self": "https://x",
            "count": len(found),
            **({"next": following} if start + size < len(found) else {}),
        }
        more = {"is_abtest": False, "categories": [], "updated_at": "x", "created_at": "x"}
        kind = {"type": "subject", "winner_criteria": "open", "duration": "", "winning_template_id": ""}
        kind |= dict.fromkeys(("winner_selected_at", "expiration_date"), "")
        test = {"test_percentage": 0}
        part = [
            {"id": one.id, "name": one.name, "status": "scheduled", "send_at": _iso(one), "abtest": kind | test, **more}
            for one in found[start : start + size]
        ]
        return 200, {"result": part, "_metadata": metadata}

    def sender(_asked: Asked, _ident: str) -> Answer:
        mail = {"email": "news@shop.example", "name": "Shop"}
        place = {"nickname": "s", "address": "1 High Street", "city": "Springfield", "country": "USA", "verified": True}
        place |= {"locked": False, "created_at": 1, "updated_at": 1}
        return 200, {"id": 17, "from": mail, "reply_to": {"email": "help@shop.example"}, **place}

    def schedule(asked: Asked, ident: str) -> Answer:
        text = needs_body(asked, "application/json", "send_at")["send_at"]
        if not text.endswith("Z"):
            raise Refused(400, {"errors": [{"message": "invalid send_at"}]})
        world.schedule(ident, moment(text))
        return 201, {"send_at": text, "status": "scheduled"}

    def stop(_asked: Asked, ident: str) -> Answer:
        world.stop(ident)
        return 200, {"send_at": "", "status": "draft"}

    return Fake(
        [
            ("GET", base + r"/([\w-]+)", lambda _asked, ident: (200, shown(world.find(ident)))),
            ("POST", base + r"/search", search),
            ("PUT", base + r"/([\w-]+)/schedule", schedule),
            ("DELETE", base + r"/([\w-]+)/schedule", stop),
            ("GET", r"/v3/marketing/senders/(\d+)", sender),
            (
                "GET",
                r"/v3/marketing/lists/([\w-]+)/contacts/count",
                lambda _asked, _ident: (200, {"contact_count": 960}),
            ),
        ],
        lambda asked: needs(asked, "Authorization", BEARER),
    )


# Braze


def braze(world: World) -> Fake:
    def details(asked: Asked) -> Answer:
        one = world.find(asked.query["campaign_id"], 400)
        return 201, {
            "message": "success",
            "created_at": "2026-11-01T10:00:00+00:00",
            "updated_at": "2026-11-01T10:00:00+00:00",
            "archived": False,
            "draft": one.status == "draft",
            "name": one.name,
            "schedule_type": "time_based",
            "channels": ["email"],
            "last_sent": "2026-11-02T10:00:00+00:00" if one.status == "sent" else None,
            "tags": ["sale"],
            "messages": {
                "v-1": {
                    "channel": "email",
                    "name": "Variation 1",
                    "subject": one.subject,
                    "body": one.html,
                    "from": "Shop <news@shop.example>",
                    "reply_to": "help@shop.example",
                    "preheader": one.preheader,
                },
                "v-2": {"channel": "email", "type": "control"},
            },
        }

    def upcoming(asked: Asked) -> Answer:
        moment(asked.query["end_time"])
        found: list[dict[str, Any]] = [
            {
                "name": one.name,
                "id": one.id,
                "type": "Campaign",
                "tags": [],
                "next_send_time": _iso(one),
                "schedule_type": "UTC",
            }
            for one in world.scheduled()
        ]
        canvas: dict[str, Any] = {
            "name": "c",
            "id": "canvas",
            "type": "Canvas",
            "tags": [],
            "next_send_time": None,
            "schedule_type": "UTC",
        }
        return 200, {"scheduled_broadcasts": [*found, canvas]}

    return Fake(
        [("GET", r"/campaigns/details", details), ("GET", r"/messages/scheduled_broadcasts", upcoming)],
        lambda asked: needs(asked, "Authorization", BEARER),
    )


# Marketing Cloud


def sfmc(world: World) -> Fake:
    names = {
        "draft": "Draft",
        "scheduled": "ScheduledToPublish",
        "sending": "Published",
        "paused": "Paused",
        "sent": "Published",
    }
    tokens = {"n": 0}

    def check(asked: Asked) -> None:
        if asked.path == "/v2/token":
            return
        needs(asked, "Authorization", f"Bearer token-{tokens['n']}")

    def token(asked: Asked) -> Answer:
        body = needs_body(asked, "application/json", "grant_type", "client_id", "client_secret", "account_id")
        if (body["client_id"], body["client_secret"], body["account_id"]) != ("gate", "s3cret-key", "42"):
            raise Refused(401, {"error": "invalid_client", "error_description": "Invalid client ID"})
        tokens["n"] += 1
        return 200, {"access_token": f"token-{tokens['n']}", "expires_in": 1079, "token_type": "Bearer"}

    def journey(_asked: Asked, ident: str) -> Answer:
        one = world.find(ident)
        send = {"emailId": 4711, "emailSubject": one.subject}
        activities = [
            {"key": "WAIT-1", "type": "WAIT", "configurationArguments": {}},
            {"key": "EMAILV2-1", "type": "EMAILV2", "configurationArguments": {"triggeredSend": send}},
        ]
        return 200, {
            "id": one.id,
            "definitionId": f"d-{one.id}",
            "name": one.name,
            "version": 2,
            "status": names[one.status],
            "modifiedDate": "2026-11-01T10:00:00",
            "triggers": [{"key": "TRIGGER"}],
            "activities": activities,
        }

    def many(asked: Asked) -> Answer:
        found = world.scheduled() if asked.query["status"] == "ScheduledToPublish" else []
        start = (int(asked.query["$page"]) - 1) * int(asked.query["$pageSize"])
        part = found[start : start + int(asked.query["$pageSize"])]
        return 200, {"count": len(found), "page": 1, "items": [{"id": one.id} for one in part]}

    def assets(asked: Asked) -> Answer:
        body = needs_body(asked, "application/json", "page", "query")
        wanted = {"property": "data.email.legacy.legacyId", "simpleOperator": "equal", "value": 4711}
        if body["query"] != wanted:
            return 200, {"count": 0, "items": []}
        one = next(iter(world.campaigns.values()))
        block = {"content": one.html}
        slot = {"content": '<div data-type="block" data-key="b1"></div>', "blocks": {"b1": block}}
        html = {"content": '<div data-type="slot" data-key="main"></div>', "slots": {"main": slot}}
        views = {"html": html, "text": {"content": one.text}, "subjectline": {"content": "old"}}
        return 200, {"count": 1, "items": [{"id": 99, "views": {**views, "preheader": {"content": one.preheader}}}]}

    def pause(asked: Asked, ident: str) -> Answer:
        if asked.query.get("versionNumber") != "2":
            raise Refused(400, {"message": "versionNumber is required"})
        world.stop(ident.removeprefix("d-"), "paused")
        return 202, {}

    return Fake(
        [
            ("POST", r"/v2/token", token),
            ("GET", r"/interaction/v1/interactions", many),
            ("GET", r"/interaction/v1/interactions/([\w-]+)", journey),
            ("POST", r"/interaction/v1/interactions/pause/([\w-]+)", pause),
            ("POST", r"/asset/v1/content/assets/query", assets),
        ],
        check,
    )
