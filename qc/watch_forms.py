"""The form of a watched folder."""

from typing import Any

from django import forms

from ava.models import Title, User
from qc.models import WatchFolder
from qc.watch_paths import UnfitFolder
from qc.watch_services import save_folder


class WatchFolderForm(forms.Form):
    """Which folder, for which title, and how much is done with its clips."""

    path = forms.CharField(
        max_length=500, strip=True, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Give the folder's path."},
    )  # fmt: skip
    title = forms.ModelChoiceField(
        queryset=Title.objects.none(), empty_label="Choose a title",
        help_text="Its clips become videos of this title, and the title's teams see them.",
        error_messages={"required": "Choose the title that the clips belong to."},
    )  # fmt: skip
    analyses_too = forms.BooleanField(
        required=False, label="Analyse the clips, too",
        help_text="Without it they are only scanned for pixel errors, which is much faster.",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, folder: WatchFolder | None = None, **kwargs: Any) -> None:
        if folder is not None:
            kwargs["initial"] = {"path": folder.path, "title": folder.title_id, "analyses_too": folder.analyses_too}
        super().__init__(*args, **kwargs)
        self.user, self.folder = user, folder
        titles = Title.objects.select_related("parent").order_by("name", "season", "episode", "id")
        self.fields["title"].queryset = titles  # type: ignore[attr-defined]

    def save(self) -> WatchFolder | None:
        """Store the folder; None when its path may not be watched, which the form then says beside it."""
        folder = self.folder or WatchFolder()
        try:
            return save_folder(folder, is_active=folder.is_active, user=self.user, **self.cleaned_data)
        except UnfitFolder as error:
            self.add_error("path", str(error))
            return None
