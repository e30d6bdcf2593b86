"""Every address of the product; each area lists its own."""

from allauth.account import views as accounts
from django.urls import URLPattern, URLResolver, path

from raincheck.web import failures, health
from raincheck.web.client import answers, choosing, links, rebooking, zones
from raincheck.web.client.visits import for_batch, for_offer

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    # Signing in. allauth looks for its own pages by the names that begin with "account".
    path("sign-in/", accounts.login, name="sign-in"),
    path("sign-in/", accounts.login, name="account_login"),
    path("sign-in/code/", accounts.request_login_code, name="account_request_login_code"),
    path("sign-in/code/enter/", accounts.confirm_login_code, name="account_confirm_login_code"),
    path("sign-in/closed/", accounts.account_inactive, name="account_inactive"),
    path("sign-out/", accounts.logout, name="sign-out"),
    path("sign-out/", accounts.logout, name="account_logout"),
    # A client's way, without an account.
    path("r/<str:token>/", links.open_link, name="link"),
    path("choose/<uuid:ref>/", choosing.choose, name="choose"),
    path("choose/<uuid:ref>/opened/", choosing.opened, name="choose-opened"),
    path("choose/<uuid:ref>/write/", for_batch(answers.write), name="choose-write"),
    path("choose/<uuid:ref>/zone/", for_batch(zones.zone), name="choose-zone"),
    path("choose/<uuid:ref>/not-you/", for_batch(links.not_you), name="choose-not-you"),
    path("choose/<uuid:ref>/<uuid:asked>/", answers.one, name="choose-request"),
    path("choose/<uuid:ref>/<uuid:asked>/cancel/", answers.cancel, name="choose-cancel"),
    path("choose/<uuid:ref>/<uuid:asked>/appointment.ics", choosing.calendar, name="choose-calendar"),
    path("book/<uuid:ref>/", rebooking.book, name="book"),
    path("book/<uuid:ref>/write/", for_offer(answers.write), name="book-write"),
    path("book/<uuid:ref>/zone/", for_offer(zones.zone), name="book-zone"),
    path("book/<uuid:ref>/not-you/", for_offer(links.not_you), name="book-not-you"),
    path("book/<uuid:ref>/appointment.ics", rebooking.calendar, name="book-calendar"),
]

handler400 = failures.bad_request
handler403 = failures.forbidden
handler404 = failures.not_found
handler500 = failures.broken
