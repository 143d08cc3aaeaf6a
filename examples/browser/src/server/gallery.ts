import { badRequest, notFound } from "@kratosjs/core/errors";
import type { ServiceImpl } from "@kratosjs/core/rpc";
import type { Gallery } from "../gen/gallery/v1/gallery_pb.ts";
import { PictureStore } from "./picture-store.ts";
import { samples } from "./samples.ts";

/** Makes a gallery that keeps its pictures in memory. */
export function createGallery(): ServiceImpl<typeof Gallery> {
  const store = new PictureStore(samples);
  const find = (name: string) => {
    const picture = store.get(name);
    if (picture !== undefined) return picture;
    throw notFound("PICTURE_NOT_FOUND", `no picture is called "${name}"`, { metadata: { name } });
  };
  return {
    async getPicture({ name }) {
      return find(name);
    },
    async uploadPicture({ name, content }) {
      if (content === undefined || content.data.length === 0) {
        throw badRequest("PICTURE_EMPTY", "a picture needs bytes");
      }
      return store.put(name, content);
    },
    async downloadPicture({ name }) {
      const { contentType, data } = find(name);
      return { contentType, data };
    },
    async *watchPictures(_request, { signal }) {
      yield* store.watch(signal);
    },
  };
}
