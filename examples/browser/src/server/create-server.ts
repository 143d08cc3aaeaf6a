import { HttpServer, staticFolder } from "@kratosjs/core/http";
import { recovery } from "@kratosjs/core/middleware/recovery";
import { Gallery } from "../gen/gallery/v1/gallery_pb.ts";
import { createGallery } from "./gallery.ts";

/** Makes the server of the gallery and of its page: one origin for both. */
export function createServer(options: {
  readonly address: string;
  /** Where the built page is. */
  readonly pageFolder: string;
}): HttpServer {
  const server = new HttpServer({ address: options.address, middleware: [recovery()] });
  server.register(Gallery, createGallery());
  server.handlePrefix("/", staticFolder(options.pageFolder));
  return server;
}
