"""The form of a logo."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from ava.models import Team, User
from ava.selectors import EDITING_ROLES, access_teams
from curation.logos import save_logo
from curation.models import Logo
from curation.stills.logo_pictures import MOST_BYTES, UnusableLogo

_BETWEEN_WORDS = re.compile(r"[,;\n]")


class LogoForm(forms.Form):
    """A new logo, or what may change of one; its team stays."""

    team = forms.ModelChoiceField(
        queryset=Team.objects.none(), empty_label=None, help_text="Only people of this team see the logo."
    )
    name = forms.CharField(max_length=80, error_messages={"required": "Give the logo a name."})
    use = forms.ChoiceField(
        label="In pictures it is",
        choices=[("avoid", "To be avoided"), ("wanted", "Wanted")],
        initial="avoid",
        widget=forms.RadioSelect,
    )
    upload = forms.FileField(
        label="Picture",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP up to 8 MB. Best is a PNG of the mark alone on a transparent ground.",
    )
    brand_words = forms.CharField(
        label="Brand words",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Names to find among the words that are read in a still, separated by commas.",
    )

    def __init__(self, *args: Any, user: User, logo: Logo | None = None, **kwargs: Any) -> None:
        if logo is not None:
            use = "wanted" if logo.is_wanted else "avoid"
            kwargs["initial"] = {"name": logo.name, "use": use, "brand_words": ", ".join(logo.brand_words)}
        super().__init__(*args, **kwargs)
        self.user, self.logo = user, logo
        if logo is not None:
            del self.fields["team"]
            if logo.picture:
                self.fields["upload"].label = "Another picture"
        else:
            self.fields["team"].queryset = access_teams(user, roles=EDITING_ROLES)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def clean_upload(self) -> bytes | None:
        uploaded: UploadedFile | None = self.cleaned_data["upload"]
        if uploaded is None:
            return None
        if uploaded.size is None or uploaded.size > MOST_BYTES:
            raise ValidationError(f"The picture is larger than {MOST_BYTES // 2**20} MB; save it smaller.")
        return bytes(uploaded.read())

    def save(self) -> Logo | None:
        """Store the logo; None, with the form's errors saying why, when that is refused."""
        given = self.cleaned_data
        logo = self.logo or Logo(team=given["team"])
        logo.name, logo.is_wanted = given["name"], given["use"] == "wanted"
        logo.brand_words = _BETWEEN_WORDS.split(given["brand_words"])
        try:
            return save_logo(logo, user=self.user, upload=given["upload"])
        except UnusableLogo as error:
            self.add_error("upload", str(error))
        except ValidationError as error:
            self.add_error(None, error)
        return None
