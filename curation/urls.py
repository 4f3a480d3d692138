from django.urls import path

from curation import views

urlpatterns = [
    path("titles/<int:pk>/stills/", views.stills, name="stills"),
    path("titles/<int:pk>/stills/index.json", views.stills_index, name="stills-index"),
    path("stills/<int:pk>/image.jpg", views.still_image, name="still-image"),
    path("videos/<int:pk>/frames/<int:frame>/decide/", views.decide, name="decide"),
    path("videos/<int:pk>/undo/", views.undo, name="undo"),
]
