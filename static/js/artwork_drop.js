// What was dropped on a page: files, and every file inside of dropped folders, with the path that it lay at.

/** Files as {file, path}; folders are walked through. */
export async function readDropped(transfer) {
  const entries = [...transfer.items].filter((item) => item.kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = await Promise.all(entries.filter(Boolean).map((entry) => walk(entry)));
  return found.flat();
}

async function walk(entry) {
  if (entry instanceof File) return [{ file: entry, path: entry.name }];
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [{ file: await new Promise((done, failed) => entry.file(done, failed)), path }];
  const inside = await readFolder(entry.createReader());
  const found = [];
  for (const each of inside) found.push(...(await walk(each)));
  return found;
}

/** A folder's entries come a hundred at a time. */
async function readFolder(reader) {
  const entries = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return entries.filter((entry) => !/^\.|^(Thumbs\.db|desktop\.ini)$/i.test(entry.name));
    entries.push(...some);
  }
}
