export { wrrBalancer, type WrrBalancer, type WrrOptions, wrrSelector } from "./wrr.ts";
