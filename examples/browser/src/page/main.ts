import { type CallOptions, type Client, createClient, createWebConnection } from "@kratosjs/web";
import { Gallery, type Picture } from "../gen/gallery/v1/gallery_pb.ts";
import { element, picturePart, show } from "./elements.ts";
import { errorText } from "./error-text.ts";

const protocols = ["rest", "connect", "grpc-web"] as const;
const protocol = element("protocol", HTMLSelectElement);

let gallery = connect();
let watching = new AbortController();

protocol.addEventListener("change", () => {
  gallery = connect();
  watching.abort();
  watching = new AbortController();
  void watch({ signal: watching.signal });
});
element("ask", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  void ask();
});
element("file", HTMLInputElement).addEventListener("change", () => void upload());
void watch({ signal: watching.signal });

function connect(): Client<typeof Gallery> {
  const chosen = protocols.find((each) => each === protocol.value) ?? "rest";
  return createClient(Gallery, createWebConnection({ baseUrl: "", protocol: chosen }));
}

async function ask(): Promise<void> {
  const answer = element("answer", HTMLOutputElement);
  try {
    const picture = await gallery.getPicture({ name: element("name", HTMLInputElement).value });
    show(answer, "done", describe(picture));
  } catch (error) {
    show(answer, "failed", errorText(error));
  }
}

async function upload(): Promise<void> {
  const uploaded = element("uploaded", HTMLOutputElement);
  const file = element("file", HTMLInputElement).files?.[0];
  if (file === undefined) return;
  show(uploaded, "idle", `Sending ${file.name} …`);
  try {
    const data = new Uint8Array(await file.arrayBuffer());
    const content = { contentType: file.type, data };
    show(uploaded, "done", describe(await gallery.uploadPicture({ name: file.name, content })));
  } catch (error) {
    show(uploaded, "failed", errorText(error));
  }
}

async function watch(options: CallOptions): Promise<void> {
  const state = element("state", HTMLSpanElement);
  const pictures = element("pictures", HTMLUListElement);
  pictures.replaceChildren();
  state.textContent = "live";
  try {
    for await (const picture of gallery.watchPictures({}, options)) {
      pictures.prepend(picturePart(picture));
    }
    state.textContent = "ended";
  } catch (error) {
    if (options.signal?.aborted !== true) state.textContent = errorText(error);
  }
}

function describe({ name, contentType, sizeBytes }: Picture): string {
  return `${name}: ${contentType}, ${sizeBytes} bytes`;
}
