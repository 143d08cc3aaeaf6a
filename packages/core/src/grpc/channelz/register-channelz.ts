import { Channelz } from "@kratosjs/protos/grpc/channelz/v1/channelz_pb.js";
import type { ServiceRoutes } from "../server/service-routes.ts";
import { channelzService } from "./channelz-service.ts";

/** Serves grpc.channelz.v1.Channelz over this process. A user's own implementation stays. */
export function registerChannelz(routes: ServiceRoutes): void {
  if (!routes.has(Channelz)) routes.add(Channelz, channelzService(), { builtIn: true });
}
