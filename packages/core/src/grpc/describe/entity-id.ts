let last = 0;

/** Numbers servers, clients and their sockets: unique within the process, as channelz wants it. */
export function nextEntityId(): number {
  last += 1;
  return last;
}
