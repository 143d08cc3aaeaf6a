import type { DescFile } from "@bufbuild/protobuf";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** Lists a file and all it imports, each once and after those it imports itself. */
export function fileWithImports(file: DescFile): readonly FileDescriptorProto[] {
  const files: FileDescriptorProto[] = [];
  const seen = new Set<string>();
  const visit = (next: DescFile): void => {
    if (seen.has(next.proto.name)) return;
    seen.add(next.proto.name);
    for (const imported of next.dependencies) visit(imported);
    files.push(next.proto);
  };
  visit(file);
  return files;
}
