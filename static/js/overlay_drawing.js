// What was found in a frame, drawn as SVG in film pixels. Kinds differ by line as well as by tint.

const SVG = "http://www.w3.org/2000/svg";
const POSE_SHARE = 0.45; // length of a pose axis, as a share of the face's longer side

/** The lines of thirds, inside the bars. */
export function drawGrid([x0, y0, x1, y1]) {
  const lines = [1, 2].flatMap((third) => {
    const [x, y] = [x0 + ((x1 - x0) * third) / 3, y0 + ((y1 - y0) * third) / 3];
    return [line([x, y0], [x, y1]), line([x0, y], [x1, y])];
  });
  return group("grid", lines);
}

/** Boxes, contours or points, and the turn of every head; a face that was only followed to here has a dashed box. */
export function drawFaces({ faces = [] }) {
  return group("faces", faces.flatMap((face, index) => drawFace(face, index + 1)));
}

/** Lines and what they say, beside them: above and below there are often other lines. */
export function drawText({ text = [], width }) {
  return group("text", text.flatMap(({ box, text: words }) => [...labelled(box, ""), beside(box, words, { width })]));
}

export function drawBodies({ people = [], objects = [] }) {
  return [
    group("people", people.flatMap(({ box, framing }) => labelled(box, ["Person", framing].filter(Boolean).join(", ")))),
    group("objects", objects.flatMap(({ box, kind, score }) => labelled(box, `${kind}${percent(score)}`))),
  ];
}

/** The box of what the eye goes to first. */
export function drawSubject({ saliency }) {
  return group("subject", saliency?.box ? labelled(saliency.box, "Subject", { below: true }) : []);
}

/** A picture that lies over the whole frame. */
export function drawImage(name, address, { width, height }) {
  return group(name, [element("image", { href: address, x: 0, y: 0, width, height, preserveAspectRatio: "none" })]);
}

function drawFace(face, number) {
  const { box, is_detected: isDetected, expression, character } = face;
  const words = [String(number), character?.label, remarkOn(face) ?? expression, isDetected === false && "followed"].filter(Boolean).join(" ");
  const parts = labelled(box, words, { kind: isDetected === false ? "followed" : "" });
  parts.push(...drawContours(face), ...drawPose(face));
  return parts;
}

function remarkOn({ is_face: isFace, is_static: isStatic }) {
  if (isFace === false) return "no face";
  return isStatic ? "picture" : undefined;
}

function drawContours({ contours, points }) {
  const lines = Object.entries(contours ?? {}).filter(([, path]) => path.every(isKnown));
  if (lines.length) {
    return lines.flatMap(([name, path]) => {
      const isClosed = /eye|lips|mouth/.test(name);
      return doubled(isClosed ? "polygon" : "polyline", { points: path.map((point) => point.join(",")).join(" ") }, "contour");
    });
  }
  const known = Array.isArray(points) ? points : Object.values(points ?? {});
  return known.filter(isKnown).map(([cx, cy]) => element("circle", { cx, cy, class: "point" }));
}

/** Three axes from the tip of the nose: where the face looks (solid, with a head), its up (dashed), its side (dotted). */
function drawPose({ box, points, yaw_deg: yaw, pitch_deg: pitch, roll_deg: roll }) {
  if ([yaw, pitch, roll].some((angle) => angle === null || angle === undefined)) return [];
  const [x0, y0, x1, y1] = box;
  const nose = Array.isArray(points) ? points[2] : points?.nose;
  const origin = nose && isKnown(nose) ? nose : [(x0 + x1) / 2, (y0 + y1) / 2];
  const length = Math.max(x1 - x0, y1 - y0) * POSE_SHARE;
  const [y, p, r] = [yaw, pitch, roll].map((angle) => (angle * Math.PI) / 180);
  const end = ([across, down]) => [
    origin[0] + length * (across * Math.cos(r) - down * Math.sin(r)),
    origin[1] + length * (across * Math.sin(r) + down * Math.cos(r)),
  ];
  const looks = end([Math.sin(y) * Math.cos(p), -Math.sin(p)]);
  return [
    ...axis(origin, end([Math.cos(y), 0]), "side"),
    ...axis(origin, end([-Math.sin(p) * Math.sin(y), -Math.cos(p)]), "up"),
    ...axis(origin, looks, "looks"),
    element("circle", { cx: looks[0], cy: looks[1], class: "pose-end" }),
  ];
}

function axis([x1, y1], [x2, y2], kind) {
  return doubled("line", { x1, y1, x2, y2 }, `pose ${kind}`);
}

function labelled([x0, y0, x1, y1], words, { below = false, kind = "" } = {}) {
  const boxes = doubled("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }, `box ${kind}`);
  if (!words) return boxes;
  const label = element("text", { x: x0, y: below ? y1 : y0, dy: below ? "1.2em" : "-0.4em" });
  label.textContent = words;
  return [...boxes, label];
}

function beside([x0, y0, x1, y1], words, { width }) {
  const isRoomier = width - x1 >= x0;
  const place = isRoomier ? { x: x1, dx: "0.4em", "text-anchor": "start" } : { x: x0, dx: "-0.4em", "text-anchor": "end" };
  const label = element("text", { ...place, y: (y0 + y1) / 2, dy: "0.35em" });
  label.textContent = words;
  return label;
}

function line([x1, y1], [x2, y2]) {
  return doubled("line", { x1, y1, x2, y2 }, "");
}

/** A shape over a dark, wider one of itself, to be seen on any ground. */
function doubled(name, attributes, kind) {
  return [element(name, { ...attributes, class: `halo ${kind}` }), element(name, { ...attributes, class: `stroke ${kind}` })];
}

function group(name, children) {
  const parts = element("g", { class: `overlay-${name}`, "data-overlay-of": name });
  parts.append(...children.flat());
  return parts;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function isKnown(point) {
  return Boolean(point) && point.every((value) => value !== null && value !== undefined);
}

function percent(score) {
  return score === null || score === undefined ? "" : ` ${Math.round(score * 100)} %`;
}
