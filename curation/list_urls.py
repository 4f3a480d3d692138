"""Addresses of pick lists, notes and exports."""

from django.urls import path

from curation import export_views, note_views, pick_list_views

urlpatterns = [
    path("titles/<int:pk>/lists/", pick_list_views.pick_lists, name="pick-lists"),
    path("lists/<int:pk>/", pick_list_views.pick_list, name="pick-list"),
    path("lists/<int:pk>/do/", pick_list_views.pick_list_do, name="pick-list-do"),
    path("lists/<int:pk>/undo/", pick_list_views.pick_list_undo, name="pick-list-undo"),
    path("videos/<int:pk>/frames/<int:frame>/notes/", note_views.still_note, name="still-note"),
    path("notes/<int:pk>/withdraw/", note_views.note_withdraw, name="note-withdraw"),
    path("mentions/", note_views.mentions, name="mentions"),
    path("titles/<int:pk>/exports/", export_views.exports, name="exports"),
    path("exports/<int:pk>/", export_views.export, name="export"),
    path("exports/<int:pk>/file", export_views.export_file, name="export-file"),
    path("exports/<int:pk>/cancel/", export_views.export_cancel, name="export-cancel"),
]
