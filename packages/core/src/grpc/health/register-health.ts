import { grpcFailure } from "../../errors/index.ts";
import { create } from "@bufbuild/protobuf";
import {
  Health,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
} from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import type { Context } from "../../context/index.ts";
import { snapshotStream } from "../../registry/index.ts";
import type { ServiceImpl } from "../../rpc/index.ts";
import type { ServiceRoutes } from "../server/service-routes.ts";
import { type HealthStatuses, servingStatus } from "./health-statuses.ts";

/** Serves grpc.health.v1.Health, and declares the services there are as SERVING. A user's own implementation stays. */
export function registerHealth(routes: ServiceRoutes, statuses: HealthStatuses): void {
  for (const { typeName } of routes.services) {
    if (statuses.get(typeName) === undefined) statuses.set(typeName, "SERVING");
  }
  if (!routes.has(Health)) routes.add(Health, healthService(statuses), { builtIn: true });
}

function healthService(statuses: HealthStatuses): ServiceImpl<typeof Health> {
  return {
    check({ service }) {
      const status = statuses.get(service);
      if (status === undefined) throw grpcFailure("NOT_FOUND", `unknown service ${service}`);
      return { status: servingStatus(status) };
    },
    list() {
      const entries = statuses
        .entries()
        .map(([name, status]) => [name, { status: servingStatus(status) }] as const);
      return { statuses: Object.fromEntries(entries) };
    },
    watch: ({ service }, ctx) => watch(statuses, service, ctx),
  };
}

function watch(
  statuses: HealthStatuses,
  service: string,
  ctx: Context,
): AsyncIterable<HealthCheckResponse> {
  return snapshotStream<HealthCheckResponse>(
    (sink) => {
      let last: HealthCheckResponse["status"] | undefined;
      const tell = (): void => {
        const status = servingStatus(statuses.get(service));
        if (status === last) return;
        last = status;
        sink.push(create(HealthCheckResponseSchema, { status }));
      };
      tell();
      return statuses.onChange(tell);
    },
    { signal: ctx.signal },
  );
}
