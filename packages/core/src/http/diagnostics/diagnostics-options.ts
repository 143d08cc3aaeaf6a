/** Settings of the pages a server has on itself. */
export interface DiagnosticsOptions {
  /** What their paths begin with, whatever `pathPrefix` is. @default {"/debug"} */
  readonly prefix?: string;
  /**
   * Who may see them: this machine's own processes, or addresses, networks and names as `trustedProxies` has them.
   * Both the peer and the client it speaks for have to be of these, and others get a 404. "everybody" leaves it to
   * filters. @default {"loopback"}
   */
  readonly allow?: "loopback" | "everybody" | readonly string[];
}

/** What stands for options that are not given. */
export const diagnosticsDefaults: Required<DiagnosticsOptions> = {
  prefix: "/debug",
  allow: "loopback",
};
