import type { DescExtension, DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** The files behind a set of services, findable by name and by what they hold. Made when first asked. */
export class DescriptorIndex {
  readonly #roots: () => readonly DescFile[];
  readonly #files: Map<string, DescFile> = new Map();
  readonly #symbols: Map<string, DescFile> = new Map();
  readonly #extensions: Map<string, Map<number, DescExtension>> = new Map();
  readonly #encoded: Map<string, Uint8Array> = new Map();
  #built = false;

  constructor(roots: () => readonly DescFile[]) {
    this.#roots = roots;
  }

  fileByName(name: string): DescFile | undefined {
    this.#build();
    return this.#files.get(name);
  }

  fileOfSymbol(symbol: string): DescFile | undefined {
    this.#build();
    return this.#symbols.get(symbol);
  }

  extension(typeName: string, number: number): DescExtension | undefined {
    this.#build();
    return this.#extensions.get(typeName)?.get(number);
  }

  /** The numbers of a message's extensions in rising order; undefined when there is no such message. */
  extensionNumbers(typeName: string): readonly number[] | undefined {
    this.#build();
    if (!this.#symbols.has(typeName)) return undefined;
    return [...(this.#extensions.get(typeName)?.keys() ?? [])].toSorted((a, b) => a - b);
  }

  /** A file and all it depends on, without those in `sent`, to which they are added. */
  encodeWithDependencies(file: DescFile, sent: Set<string>): readonly Uint8Array[] {
    const encoded: Uint8Array[] = [];
    const visit = (next: DescFile): void => {
      if (sent.has(next.proto.name)) return;
      sent.add(next.proto.name);
      encoded.push(this.#encode(next));
      for (const dependency of next.dependencies) visit(dependency);
    };
    visit(file);
    return encoded;
  }

  #encode(file: DescFile): Uint8Array {
    const { name } = file.proto;
    const known = this.#encoded.get(name);
    if (known !== undefined) return known;
    const bytes = toBinary(FileDescriptorProtoSchema, file.proto);
    this.#encoded.set(name, bytes);
    return bytes;
  }

  #build(): void {
    if (this.#built) return;
    this.#built = true;
    for (const file of this.#roots()) this.#add(file);
  }

  #add(file: DescFile): void {
    if (this.#files.has(file.proto.name)) return;
    this.#files.set(file.proto.name, file);
    for (const type of nestedTypes(file)) {
      this.#symbols.set(type.typeName, file);
      if (type.kind === "message") this.#addMembers(type, file);
      if (type.kind === "extension") this.#addExtension(type);
      if (type.kind === "enum") {
        // Values live in the scope around their enum, as in C.
        const scope = type.typeName.slice(0, type.typeName.lastIndexOf(".") + 1);
        for (const value of type.values) this.#symbols.set(scope + value.name, file);
      }
      if (type.kind === "service") {
        for (const method of type.methods) {
          this.#symbols.set(`${type.typeName}.${method.name}`, file);
        }
      }
    }
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  #addMembers(type: DescMessage, file: DescFile): void {
    for (const { name } of type.fields) this.#symbols.set(`${type.typeName}.${name}`, file);
    for (const { name } of type.oneofs) this.#symbols.set(`${type.typeName}.${name}`, file);
  }

  #addExtension(extension: DescExtension): void {
    const { typeName } = extension.extendee;
    const numbers = this.#extensions.get(typeName) ?? new Map<number, DescExtension>();
    numbers.set(extension.number, extension);
    this.#extensions.set(typeName, numbers);
  }
}
