"""What each route does to which thing. A route without a line here opens to nobody."""

from __future__ import annotations

from api.policy import Action, Thing

_ROUTES: dict[tuple[Thing, Action], str] = {
    (Thing.HOUSE, Action.READ): """
        GET /
        GET /healthz
        GET /readyz
        GET /metrics
        GET /problems/{slug}
        GET /robots.txt
        POST /language
        GET /day/worker.js
        GET /day/manifest.webmanifest
        GET /brand.css
        GET /brand/logo
    """,
    (Thing.DEMO, Action.CHANGE): """
        POST /panel/break
        GET /panel/live
        GET /panel/broken
        POST /panel/clock
        POST /panel/door
        GET /pocket
        GET /pocket/find
        POST /pocket
        POST /pocket/call
        POST /pocket/landline
        GET /dev/clock
        POST /dev/clock
        GET /dev/pocket
        POST /dev/pocket
        GET /dev/break
        POST /dev/break
    """,
    (Thing.HOOK, Action.CHANGE): """
        POST /hooks/twilio/status
        POST /hooks/twilio/inbound
        POST /hooks/twilio/voice
        POST /hooks/twilio/voice/answer
        POST /hooks/twilio/voice/status
    """,
    (Thing.SESSION, Action.ENTER): """
        GET /sign-in
        POST /sign-in
        GET /sign-in/company
        POST /sign-in/company
        GET /sign-in/company/back
    """,
    (Thing.SESSION, Action.ANSWER): """
        GET /sign-in/code
        POST /sign-in/code
        GET /sign-in/app
        POST /sign-in/app
    """,
    (Thing.SESSION, Action.CHANGE): """
        GET /office/me
        POST /office/me/password
        POST /office/me/app
        POST /office/me/sessions/end
        POST /office/me/sessions/{session_id}/end
        GET /office/me/photo
        POST /office/me/photo
        POST /office/me/photo/remove
    """,
    (Thing.SESSION, Action.LEAVE): "POST /sign-out",
    (Thing.PERSON, Action.ENTER): """
        GET /setup/{token}
        POST /setup/{token}
        POST /setup/{token}/credentials
    """,
    (Thing.TECHNICIAN, Action.ENTER): """
        GET /enrol/{token}
        POST /enrol/{token}
    """,
    (Thing.TERRITORY, Action.READ): """
        GET /api/v1/territories
        GET /api/v1/territories/{territory_id}
        GET /office
        GET /office/territory
    """,
    (Thing.TERRITORY, Action.CHANGE): "POST /office/territory",
    (Thing.POLICY, Action.READ): "GET /office/policies",
    (Thing.POLICY, Action.CHANGE): """
        PUT /api/v1/territories/{territory_id}/policies
        POST /office/policies
    """,
    (Thing.SERVICE, Action.READ): """
        GET /api/v1/services
        GET /api/v1/services/{service_id}
    """,
    (Thing.SERVICE, Action.CHANGE): """
        POST /api/v1/services
        GET /office/services
        GET /office/services/new
        POST /office/services/new
        GET /office/services/{service_id}
        POST /office/services/{service_id}
    """,
    (Thing.TECHNICIAN, Action.READ): """
        GET /api/v1/technicians
        GET /api/v1/technicians/{technician_id}
        GET /office/technicians
        GET /office/technicians/{technician_id}
        GET /office/technicians/{technician_id}/photo
    """,
    (Thing.TECHNICIAN, Action.CREATE): """
        POST /api/v1/technicians
        GET /office/technicians/new
        POST /office/technicians/new
    """,
    (Thing.TECHNICIAN, Action.CHANGE): """
        PUT /api/v1/technicians/{technician_id}/shift
        POST /office/technicians/{technician_id}
        POST /office/technicians/{technician_id}/week
        POST /office/technicians/{technician_id}/van
        POST /office/technicians/{technician_id}/photo
        POST /office/technicians/{technician_id}/photo/remove
        POST /office/technicians/{technician_id}/absences
        POST /office/technicians/{technician_id}/absences/{absence_id}/end
    """,
    (Thing.TECHNICIAN, Action.DECIDE): """
        POST /api/v1/technicians/{technician_id}/enrolment
        POST /office/technicians/{technician_id}/text-link
        POST /office/technicians/{technician_id}/phones/{session_id}/end
        POST /office/technicians/{technician_id}/off
        POST /office/technicians/{technician_id}/on
        POST /board/technicians/{technician_id}/enrol
    """,
    (Thing.PERSON, Action.CHANGE): """
        GET /office/people
        POST /office/people
        GET /office/people/{dispatcher_id}
        POST /office/people/{dispatcher_id}
        POST /office/people/{dispatcher_id}/off
        POST /office/people/{dispatcher_id}/on
        POST /office/people/{dispatcher_id}/link
        POST /office/people/sessions/{session_id}/end
    """,
    (Thing.WORDING, Action.READ): """
        GET /office/texts
        GET /office/texts/{language}/{name}
        POST /office/texts/{language}/{name}/look
        GET /office/texts/{language}/{name}/look
    """,
    (Thing.WORDING, Action.CHANGE): """
        POST /office/texts/{language}/{name}
        POST /office/texts/{language}/{name}/again
    """,
    (Thing.KEY, Action.CHANGE): """
        GET /office/keys
        POST /office/keys
        POST /office/keys/{key_id}/revoke
    """,
    (Thing.SENDING, Action.READ): "GET /office/sending",
    (Thing.SENDING, Action.STOP): "POST /office/sending/stop",
    (Thing.SENDING, Action.START): "POST /office/sending/start",
    (Thing.WEBHOOK, Action.CHANGE): """
        GET /api/v1/webhooks
        POST /api/v1/webhooks
        GET /api/v1/webhooks/{webhook_id}
        DELETE /api/v1/webhooks/{webhook_id}
        POST /api/v1/webhooks/{webhook_id}/pause
        POST /api/v1/webhooks/{webhook_id}/resume
        POST /api/v1/webhooks/{webhook_id}/secret
        POST /api/v1/webhooks/{webhook_id}/test
        POST /api/v1/webhooks/{webhook_id}/replay
        GET /api/v1/webhooks/{webhook_id}/deliveries
        POST /api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/again
        GET /office/webhooks
        GET /office/webhooks/new
        POST /office/webhooks/new
        GET /office/webhooks/{webhook_id}
        POST /office/webhooks/{webhook_id}/secret
        POST /office/webhooks/{webhook_id}/replay
        POST /office/webhooks/{webhook_id}/deliveries/{delivery_id}
        POST /office/webhooks/{webhook_id}/{verb}
    """,
    (Thing.ROWS, Action.EXPORT): """
        POST /api/v1/exports/{rows}
        GET /office/exports
        POST /office/exports/{rows}
    """,
    (Thing.BOOKING, Action.CREATE): """
        GET /book/{token}
        GET /book/{token}/find
        GET /book/{token}/times
        POST /book/{token}/times
        GET /book/{token}/details
        POST /book/{token}/details
    """,
    (Thing.SLOT, Action.READ): "GET /api/v1/slots",
    (Thing.SLOT, Action.CREATE): "POST /api/v1/holds",
    (Thing.INVITATION, Action.ENTER): """
        GET /book
        POST /book
    """,
    (Thing.INVITATION, Action.CREATE): """
        POST /api/v1/invitations
        GET /board/invite
        POST /board/invite
    """,
    (Thing.VISIT, Action.CREATE): "POST /api/v1/visits",
    (Thing.VISIT, Action.SEARCH): "GET /api/v1/visits",
    (Thing.VISIT, Action.READ): """
        GET /api/v1/visits/{visit_id}
        GET /api/v1/visits/{visit_id}/history
        GET /api/v1/visits/{visit_id}/calendar
    """,
    (Thing.VISIT, Action.CHANGE): """
        POST /api/v1/visits/{visit_id}/reschedule
        POST /api/v1/visits/{visit_id}/cancel
        POST /api/v1/visits/{visit_id}/undo-cancel
        POST /api/v1/visits/{visit_id}/undo-reschedule
        POST /api/v1/visits/{visit_id}/nobody-came
        POST /api/v1/visits/{visit_id}/contest
        POST /api/v1/visits/{visit_id}/rating
    """,
    (Thing.VISIT, Action.DECIDE): """
        GET /api/v1/visits/{visit_id}/emergency
        POST /api/v1/visits/{visit_id}/emergency
        GET /board
        GET /board/find
        GET /board/wall
        GET /board/book
        GET /board/book/find
        GET /board/book/times
        POST /board/book/times
        GET /board/book/details
        POST /board/book/details
        GET /board/visits/{visit_id}
        GET /board/visits/{visit_id}/change
        POST /board/visits/{visit_id}/change
        GET /board/visits/{visit_id}/emergency
        POST /board/visits/{visit_id}/emergency
        GET /board/visits/{visit_id}/cancel
        POST /board/visits/{visit_id}/cancel
        POST /board/visits/{visit_id}/undo-cancel
        POST /board/visits/{visit_id}/undo-change
        POST /board/visits/{visit_id}/nobody-came
        POST /board/visits/{visit_id}/at-home
        POST /board/visits/{visit_id}/sooner
        POST /board/visits/{visit_id}/sooner-answer
    """,
    (Thing.VISIT, Action.FOLLOW): """
        GET /api/v1/visits/mine
        GET /v/{token}
        GET /v/{token}/live
        GET /v/{token}/calendar.ics
        GET /v/{token}/technician.jpg
        GET /v/{token}/caller.jpg
        GET /v/{token}/about-call
        GET /v/{token}/record
        GET /v/{token}/roads.json
        GET /v/{token}/position
        GET /v/{token}/code
        GET /v/{token}/texts
        GET /v/{token}/phone
        GET /v/{token}/address
        GET /v/{token}/address/find
    """,
    (Thing.VISIT, Action.ANSWER): """
        POST /v/{token}/choice
        POST /v/{token}/person
        POST /v/{token}/nobody-came
        POST /v/{token}/at-home
        POST /v/{token}/rating
        GET /v/{token}/change
        POST /v/{token}/change
        GET /v/{token}/cancel
        POST /v/{token}/cancel
        POST /v/{token}/undo-cancel
        POST /v/{token}/undo-change
        POST /v/{token}/sooner
        POST /v/{token}/about-call
        POST /v/{token}/sooner-answer
        POST /v/{token}/texts
        POST /v/{token}/code/send
        POST /v/{token}/code
        POST /v/{token}/phone
        POST /v/{token}/address
        POST /v/{token}/my-data
    """,
    (Thing.VISIT, Action.STEP): """
        POST /api/v1/visits/{visit_id}/status
        GET /day/visits/{visit_id}/nobody-home
        POST /day/visits/{visit_id}/nobody-home
        GET /day/visits/{visit_id}/cannot-finish
        POST /day/visits/{visit_id}/cannot-finish
        GET /day/visits/{visit_id}/decline
        POST /day/visits/{visit_id}/decline
        POST /day/visits/{visit_id}/{step}
    """,
    (Thing.PHOTO, Action.READ): "GET /api/v1/visits/{visit_id}/photos/{photo_id}",
    (Thing.PHOTO, Action.CREATE): "POST /api/v1/visits/{visit_id}/photos",
    (Thing.DAY, Action.READ): """
        GET /api/v1/day
        GET /day
        GET /day/live
    """,
    (Thing.DAY, Action.STEP): """
        POST /api/v1/day/position
        POST /api/v1/day/events
        POST /api/v1/day/pause
        POST /api/v1/day/resume
        POST /day/pause
        POST /day/resume
        POST /api/v1/day/answer
        POST /api/v1/day/absence
        POST /day/answer
        POST /day/seen
        POST /day/late
        GET /day/absence
        POST /day/absence
    """,
    (Thing.CALENDAR, Action.FOLLOW): "GET /calendar/{token}/visits.ics",
    (Thing.CALENDAR, Action.CHANGE): """
        GET /day/calendar
        POST /day/calendar
        POST /day/calendar/withdraw
    """,
    (Thing.CALENDAR, Action.DECIDE): """
        POST /office/technicians/{technician_id}/calendar
        POST /office/technicians/{technician_id}/calendar/withdraw
    """,
    (Thing.PLAN, Action.READ): """
        GET /api/v1/plans/{day}
        GET /api/v1/plans/{day}/versions
        GET /api/v1/plans/{day}/proposals
        GET /api/v1/plans/{day}/proposals/{proposal_id}
        GET /api/v1/plans/{day}/place
    """,
    (Thing.PLAN, Action.DECIDE): """
        POST /api/v1/plans/{day}/undo
        POST /api/v1/plans/{day}/undo-repair
        POST /api/v1/plans/{day}/proposals
        POST /api/v1/plans/{day}/proposals/{proposal_id}/publish
        POST /api/v1/plans/{day}/proposals/{proposal_id}/dismiss
        POST /api/v1/plans/{day}/proposals/{proposal_id}/keep
        POST /api/v1/plans/{day}/place
        GET /board/proposals
        POST /board/proposals/{day}/search
        POST /board/proposals/{day}/undo
        POST /board/proposals/{day}/undo-repair
        POST /board/proposals/{day}/{proposal_id}/publish
        POST /board/proposals/{day}/{proposal_id}/dismiss
        POST /board/proposals/{day}/{proposal_id}/keep
        POST /board/proposals/{day}/place
    """,
    (Thing.OPTIMIZER, Action.SEARCH): """
        POST /api/v1/optimizer/plan
        POST /api/v1/optimizer/slots
    """,
    (Thing.MAP, Action.READ): "GET /api/v1/map/today",
    (Thing.ROADS, Action.READ): "GET /api/v1/map/roads",
    (Thing.TROUBLE, Action.CREATE): """
        GET /board/trouble
        POST /board/trouble
        GET /board/trouble/{trouble_id}
        POST /board/trouble/{trouble_id}/dismiss
    """,
    (Thing.TROUBLE, Action.DECIDE): "POST /board/trouble/{trouble_id}/approve",
    (Thing.RECOVERY, Action.SEARCH): "GET /api/v1/recoveries",
    (Thing.RECOVERY, Action.READ): "GET /api/v1/recoveries/{recovery_id}",
    (Thing.RECOVERY, Action.ANSWER): "POST /api/v1/recoveries/{recovery_id}/choice",
    (Thing.RECOVERY, Action.DECIDE): """
        POST /api/v1/recoveries/{recovery_id}/go-ahead
        POST /api/v1/recoveries/{recovery_id}/take-back
        POST /api/v1/recoveries/{recovery_id}/take-over
        POST /api/v1/recoveries/{recovery_id}/bend
        POST /api/v1/recoveries/{recovery_id}/not-today
        POST /api/v1/recoveries/{recovery_id}/close
        POST /api/v1/recoveries/{recovery_id}/credit
        POST /board/recoveries/{recovery_id}/go-ahead
        POST /board/recoveries/{recovery_id}/take-back
        POST /board/recoveries/{recovery_id}/take-over
        POST /board/recoveries/{recovery_id}/choice
        POST /board/recoveries/{recovery_id}/bend
        POST /board/recoveries/{recovery_id}/not-today
        POST /board/recoveries/{recovery_id}/close
        POST /board/recoveries/{recovery_id}/credit
    """,
    (Thing.CALLBACK, Action.READ): "GET /api/v1/callbacks",
    (Thing.CALLBACK, Action.DECIDE): """
        POST /api/v1/callbacks/{callback_id}/done
        POST /board/callbacks/{callback_id}/done
        GET /board/callbacks/{callback_id}/photo
    """,
    (Thing.MESSAGE, Action.READ): """
        GET /api/v1/messages
        GET /api/v1/inbox
    """,
    (Thing.MESSAGE, Action.DECIDE): """
        POST /api/v1/inbox/{inbound_id}/handled
        POST /board/inbox/{inbound_id}/handled
    """,
    (Thing.EVENT, Action.READ): """
        GET /api/v1/events
        GET /api/v1/events/stream
    """,
    (Thing.REPORT, Action.READ): """
        GET /api/v1/reports/making-good
        GET /reports
        GET /reports/visits
        GET /reports/where
        GET /reports/punctuality
        GET /reports/punctuality/visits
        GET /reports/mending
        GET /reports/mending/visits
        GET /reports/regulator
        GET /reports/regulator/visits
    """,
    (Thing.REPORT, Action.EXPORT): """
        GET /reports.csv
        GET /reports/punctuality.csv
        GET /reports/mending.csv
        GET /reports/regulator.csv
    """,
    (Thing.CREW_REPORT, Action.READ): """
        GET /reports/technicians
        GET /reports/technicians/visits
    """,
    (Thing.CREW_REPORT, Action.EXPORT): "GET /reports/technicians.csv",
    (Thing.RECORD, Action.READ): """
        GET /office/record
        POST /office/record
        GET /office/record/{name}
    """,
    (Thing.HELD, Action.EXPORT): """
        GET /office/person
        POST /office/person
        GET /office/person/{id}
        POST /office/person/{id}/file
    """,
    (Thing.HELD, Action.DECIDE): """
        GET /office/person/{id}/erase
        POST /office/person/{id}/erase
    """,
    (Thing.RECORD, Action.CHANGE): "POST /office/record/{name}/consent",
    (Thing.RECORD, Action.EXPORT): """
        GET /office/record/{name}/texts.csv
        GET /office/record/{name}/texts.json
    """,
}

ROUTES: dict[str, tuple[Thing, Action]] = {
    line.strip(): does for does, lines in _ROUTES.items() for line in lines.strip().splitlines()
}
