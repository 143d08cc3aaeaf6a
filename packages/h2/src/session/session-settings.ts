import { connectionFault } from "./fault.ts";
import { max31 } from "./frame-types.ts";
import type { SessionConfig } from "./session-defaults.ts";

/** Setting ids of RFC 9113 section 6.5.2. */
export const settingIds = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
} as const;

type SettingName = keyof typeof settingIds;
type NamedSettings = { readonly [name in Exclude<SettingName, "enablePush">]?: number };
type Setting = readonly [id: number, value: number];

/** What this side sends as its SETTINGS, by name; a client says on top that it takes no pushes. */
export function settingsOf(config: SessionConfig): NamedSettings {
  const { server, maxConcurrentStreams } = config;
  return {
    initialWindowSize: config.initialWindowBytes,
    maxFrameSize: config.maxFrameBytes,
    maxHeaderListSize: config.maxHeaderListBytes,
    headerTableSize: config.headerTableBytes,
    ...(server ? { maxConcurrentStreams } : {}),
  };
}

/** The same by id, with the client's word on pushes. */
export function settingEntries(config: SessionConfig): readonly Setting[] {
  const named = config.server ? settingsOf(config) : { ...settingsOf(config), enablePush: 0 };
  return Object.entries(named).map(([name, value]) => [
    settingIds[name as SettingName], // the keys are these names
    value,
  ]);
}

/**
 * Reads the entries of a SETTINGS payload, checked against their ranges; unknown ids are left out.
 * @throws {H2Error} As RFC 9113 section 6.5.2 says.
 */
export function readSettings(bytes: Buffer, start: number, end: number): readonly Setting[] {
  if ((end - start) % 6 !== 0) {
    throw connectionFault(
      "frameSizeError",
      "6.5",
      `Cannot read SETTINGS as its length must be a multiple of 6: current value is ${end - start}`,
    );
  }
  const entries: Setting[] = [];
  for (let at = start; at < end; at += 6) {
    const id = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    checkSetting(id, value);
    entries.push([id, value]);
  }
  return entries;
}

function checkSetting(id: number, value: number): void {
  if (id === settingIds.enablePush && value > 1) {
    throw connectionFault(
      "protocolError",
      "6.5.2",
      `Cannot take SETTINGS_ENABLE_PUSH as it must be 0 or 1: current value is ${value}`,
    );
  }
  if (id === settingIds.initialWindowSize && value > max31) {
    throw connectionFault(
      "flowControlError",
      "6.5.2",
      `Cannot take SETTINGS_INITIAL_WINDOW_SIZE as it must be at most 2147483647: current value is ${value}`,
    );
  }
  if (id === settingIds.maxFrameSize && (value < 16_384 || value > 16_777_215)) {
    throw connectionFault(
      "protocolError",
      "6.5.2",
      `Cannot take SETTINGS_MAX_FRAME_SIZE as it must be 16384 to 16777215: current value is ${value}`,
    );
  }
}
