export { copyBytes } from "./copy-bytes.ts";
export { frameMessage, framedLength, framePrefixBytes, frameWith, sealFrame } from "./frame.ts";
export { checkFrame, type Frame, FrameBuffer, type FrameBufferOptions } from "./frame-buffer.ts";
