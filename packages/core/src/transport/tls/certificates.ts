import type { TlsOptions } from "node:tls";
import type { Logger } from "../../log/index.ts";
import { equalPems, readTlsFiles, type TlsFiles, type TlsPems } from "./tls-files.ts";
import { watchTlsFiles } from "./watch-tls-files.ts";

/** What a server can be told of TLS. */
export interface CertificateOptions {
  /** Serves TLS. @default none: clear text */
  readonly tls?: TlsOptions;
  /** Certificates in files; they go before those of `tls`. @default none */
  readonly tlsFiles?: TlsFiles;
}

export interface FollowOptions {
  readonly logger: Logger;
  /** Which server it is, for the log: "gRPC". */
  readonly name: string;
}

/** The certificates of a server, kept as its files have them while it runs. */
export class Certificates {
  /** What the server begins with; undefined for clear text. */
  readonly tls: TlsOptions | undefined;
  readonly #files: TlsFiles | undefined;
  #pems: TlsPems | undefined;
  readonly #stopping: AbortController = new AbortController();

  /** @throws {Error} If there are files that cannot be read, or a key that is not that of the certificate. */
  constructor({ tls, tlsFiles }: CertificateOptions) {
    this.#files = tlsFiles;
    this.#pems = tlsFiles && readTlsFiles(tlsFiles);
    this.tls = this.#pems === undefined ? tls : { ...tls, ...this.#pems };
  }

  /** Replaces the certificates of the server when the files change, until `stop`. Does nothing without files. */
  follow(server: { setTls(tls: TlsPems): void }, options: FollowOptions): void {
    if (this.#files !== undefined) void this.#follow(server, this.#files, options);
  }

  /** Ends `follow`. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Never rejects. */
  async #follow(
    server: { setTls(tls: TlsPems): void },
    files: TlsFiles,
    { logger, name }: FollowOptions,
  ): Promise<void> {
    const onFailure = (error: unknown): void =>
      logger.warn(`[${name}] certificates not replaced`, { error });
    const { signal } = this.#stopping;
    for await (const pems of watchTlsFiles(files, { signal, onFailure })) {
      if (this.#pems !== undefined && equalPems(this.#pems, pems)) continue;
      this.#pems = pems;
      try {
        server.setTls(pems);
        logger.info(`[${name}] certificates replaced`);
      } catch (error) {
        onFailure(error);
      }
    }
  }
}
