export { copyBytes } from "./copy-bytes.ts";
export { framedLength, frameMessage, framePrefixBytes, frameWith, sealFrame } from "./frame.ts";
export {
  checkFrame,
  type Frame,
  FrameBuffer,
  type FrameBufferOptions,
  messageTooLarge,
  wholeFrame,
} from "./frame-buffer.ts";
