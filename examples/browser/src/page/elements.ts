import type { Picture } from "../gen/gallery/v1/gallery_pb.ts";

/** Finds an element of the page. @throws {TypeError} If it is not there, or another. */
export function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  const current = found?.constructor.name ?? "nothing";
  throw new TypeError(
    `Cannot use #${id} as it must be a ${type.name}: current value is ${current}`,
  );
}

/** Says how a call went. */
export function show(output: HTMLOutputElement, state: string, text: string): void {
  output.dataset["state"] = state;
  output.textContent = text;
}

/** Makes what stands for a picture in the list. */
export function picturePart({ name }: Picture): HTMLLIElement {
  const image = document.createElement("img");
  image.src = `/v1/pictures/${encodeURIComponent(name)}/content`;
  image.alt = "";
  const title = document.createElement("span");
  title.textContent = name;
  const part = document.createElement("li");
  part.append(image, title);
  return part;
}
