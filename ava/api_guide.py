"""The words at the top of the API's documentation."""

API_GUIDE = """\
Titles, videos, jobs, shots, frame annotations, stills and decisions of your teams.

**Signing in.** In the browser your session counts (send its CSRF token with every write). Pipelines send
`Authorization: Bearer TOKEN`; make a token with your password at `POST /api/token/`.

**What you see.** Your teams' objects. Anything else does not exist: it is in no list and answers 404, and naming
it in a filter or a field is refused like a number that was never given. Everyone in a team reads; editors and
administrators add, change, analyse and decide; administrators cancel and delete. Otherwise the answer is 403.

**Lists** come in pages (`page`, `page_size` up to 1000) as `{"count", "next", "previous", "results"}`.

**Frames** are counted from 0 in the order of presentation; spans are half-open; times are UTC.

**Adding a film.** Up to 1 GiB: `POST /api/titles/{id}/videos/`. Larger files travel by the resumable
[tus 1.0](https://tus.io/protocols/resumable-upload) protocol: `POST /uploads/` with `Tus-Resumable: 1.0.0`,
`Upload-Length` and `Upload-Metadata: title <base64 of its id>,filename <base64 of its name>`, then `PATCH` its
`Location` in pieces; `HEAD` says how far it is, and `GET` tells as JSON what became of it, with the video's id. The
analysis starts by itself.

**Following a job.** Read `GET /api/jobs/{id}/` now and then; its `state` ends as `done`, `failed` or `cancelled`.
"""
