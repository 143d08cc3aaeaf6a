import { chmod, lstat, mkdir } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { toFileName } from "./file-name.ts";

/** The folder of a local registry: one folder a service in it, one file an instance in those. */
export class RegistryFolder {
  readonly path: string;
  readonly #isOurs: boolean;

  /** Without a path it is the user's own, which must be nobody else's. */
  constructor(path: string | undefined) {
    this.#isOurs = path === undefined;
    this.path =
      path === undefined ? join(tmpdir(), `kratos-registry-${userName()}`) : resolve(path);
  }

  servicePath(name: string): string {
    return join(this.path, toFileName(name));
  }

  instancePath(name: string, id: string): string {
    return join(this.servicePath(name), `${toFileName(id)}.json`);
  }

  /**
   * Makes the folder of a service and answers its path.
   * @throws {Error} If the registry's folder is another user's: records found there could be forged.
   */
  async makeService(name: string): Promise<string> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    if (this.#isOurs) await requireOwn(this.path);
    const path = this.servicePath(name);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
}

async function requireOwn(path: string): Promise<void> {
  // Everybody may write to the temporary folder, so the name can have been taken before: by a link too.
  const stats = await lstat(path);
  if (!stats.isDirectory()) {
    throw new Error(
      `Cannot keep the registry as its folder must be a folder and not a link: current value is "${path}"`,
    );
  }
  const user = process.getuid?.();
  if (user === undefined) return;
  if (stats.uid !== user) {
    throw new Error(
      `Cannot keep the registry as its folder must belong to user ${user}: current value is "${path}" of user ${stats.uid}`,
    );
  }
  if ((stats.mode & 0o077) !== 0) await chmod(path, 0o700);
}

function userName(): string {
  const user = process.getuid?.();
  return user === undefined ? toFileName(userInfo().username) : String(user);
}
