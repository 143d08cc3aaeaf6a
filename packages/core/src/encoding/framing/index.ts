export { copyBytes } from "./copy-bytes.ts";
export { frameMessage, framePrefixBytes, frameWith, sealFrame } from "./frame.ts";
export { type Frame, FrameBuffer, type FrameBufferOptions, wholeFrame } from "./frame-buffer.ts";
