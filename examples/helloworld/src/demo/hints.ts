/** What a person can try by hand while the service runs. */
export function hints(endpoints: readonly string[]): string {
  const http =
    endpoints.find((endpoint) => endpoint.startsWith("http:")) ?? "http://localhost:8000";
  const grpc = (
    endpoints.find((endpoint) => endpoint.startsWith("grpc:")) ?? "grpc://localhost:9000"
  ).slice("grpc://".length);
  return [
    "Try it:",
    `  curl ${http}/helloworld/kratos`,
    `  curl ${http}/helloworld -H 'content-type: application/json' -d '{"name":"kratos"}'`,
    `  curl -N ${http}/helloworld/kratos/stream`,
    `  curl ${http}/helloworld/nobody`,
    `  grpcurl -plaintext -d '{"name":"kratos"}' ${grpc} helloworld.v1.Greeter/SayHello`,
  ].join("\n");
}
