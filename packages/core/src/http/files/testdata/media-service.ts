import { create } from "@bufbuild/protobuf";
import { type HttpBody, HttpBodySchema } from "@kratosjs/protos/google/api/httpbody_pb.js";
import { nopLogger } from "../../../log/index.ts";
import type { ServiceImpl } from "../../../rpc/index.ts";
import { HttpServer, type HttpServerOptions } from "../../index.ts";
import { uploadInfo } from "../upload-info.ts";
import { Media } from "./media_pb.js";

type MediaService = ServiceImpl<typeof Media>;

const empty = new Uint8Array(0);

/** A service of files for tests; what a test cares about it replaces. */
export function mediaService(own: Partial<MediaService> = {}): MediaService {
  return {
    async putBlob({ contentType, data }) {
      return { bytes: BigInt(data.length), contentType };
    },
    async putNamed({ content }) {
      return content ?? {};
    },
    async getNamed({ name }) {
      return { name, content: httpBody("text/plain", `blob ${name}`) };
    },
    async *download({ name }) {
      yield httpBody("text/plain", "first ");
      yield httpBody("text/html", name);
    },
    async *downloadNamed({ name }) {
      yield { name, content: httpBody("text/plain", name) };
    },
    async upload(bodies) {
      return summarize(bodies);
    },
    async uploadNamed(requests) {
      const names: string[] = [];
      let bytes = 0;
      for await (const { name, album, content } of requests) {
        const info = uploadInfo(content);
        bytes += content?.data.length ?? 0;
        names.push(`${name}/${album}/${info?.index}:${info?.name}:${info?.filename}`);
      }
      return { bytes: BigInt(bytes), files: names };
    },
    async createProfile(profile) {
      return profile;
    },
    async setProfile({ profile, account }) {
      return { nick: profile?.nick ?? "", avatar: profile?.avatar ?? empty, labels: { account } };
    },
    ...own,
  };
}

/** Counts the bytes of an upload and lists its files. */
export async function summarize(
  bodies: AsyncIterable<HttpBody>,
): Promise<{ bytes: bigint; contentType: string; files: string[] }> {
  const files = new Map<number, string>();
  let bytes = 0;
  let contentType = "";
  for await (const body of bodies) {
    bytes += body.data.length;
    contentType = body.contentType;
    const info = uploadInfo(body);
    if (info !== undefined) files.set(info.index, `${info.name}:${info.filename}:${info.contentType}`);
  }
  return { bytes: BigInt(bytes), contentType, files: [...files.values()] };
}

export function httpBody(contentType: string, data: string | Uint8Array): HttpBody {
  return create(HttpBodySchema, { contentType, data: new Uint8Array(Buffer.from(data)) });
}

const running: HttpServer[] = [];

/** A server of the service that listens. */
export async function serveMedia(
  own: Partial<MediaService> = {},
  options: HttpServerOptions = {},
): Promise<{ readonly server: HttpServer; readonly origin: string; readonly host: string }> {
  const server = new HttpServer({
    address: "127.0.0.1:0",
    logger: nopLogger,
    timeoutMs: 0, // a busy machine is no failure
    ...options,
  });
  running.push(server);
  server.register(Media, mediaService(own));
  await server.start();
  const { origin, host } = await server.endpoint();
  return { server, origin, host };
}

export async function stopMedia(): Promise<void> {
  await Promise.all(running.splice(0).map((server) => server.stop(AbortSignal.abort())));
}
