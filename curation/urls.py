from django.urls import path

from curation import face_pictures, logo_views, views

urlpatterns = [
    path("titles/<int:pk>/stills/", views.stills, name="stills"),
    path("titles/<int:pk>/stills/index.json", views.stills_index, name="stills-index"),
    path("stills/<int:pk>/image.jpg", views.still_image, name="still-image"),
    path("videos/<int:pk>/frames/<int:frame>/decide/", views.decide, name="decide"),
    path("videos/<int:pk>/undo/", views.undo, name="undo"),
    path("face-tracks/<int:pk>/portrait.jpg", face_pictures.track_portrait, name="track-portrait"),
    path("faces/<int:pk>/picture.jpg", face_pictures.face_picture, name="face-picture"),
    path("logos/", logo_views.logos, name="logos"),
    path("logos/new/", logo_views.logo_new, name="logo-new"),
    path("logos/<int:pk>/", logo_views.logo, name="logo"),
    path("logos/<int:pk>/edit/", logo_views.logo_edit, name="logo-edit"),
    path("logos/<int:pk>/delete/", logo_views.logo_delete, name="logo-delete"),
    path("logos/<int:pk>/picture.png", logo_views.logo_picture, name="logo-picture"),
]
