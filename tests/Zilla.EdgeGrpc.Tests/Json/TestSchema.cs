using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;
using Zilla.EdgeGrpc.Tests.Protos;

namespace Zilla.EdgeGrpc.Tests.Json;

/// <summary>everything.proto as it comes to an edge: bytes, from which descriptors are made anew.</summary>
internal static class TestSchema
{
    public static ServiceSchema Schema { get; } = ServiceSchema.Parse([Set(Everything.Descriptor.File)]);

    public static MessageDescriptor EverythingType { get; } = Schema.FindMessage("zilla.tests.Everything")!;

    public static byte[] Set(FileDescriptor file)
    {
        var (set, seen) = (new FileDescriptorSet(), new HashSet<string>());
        Add(file);
        return set.ToByteArray();

        void Add(FileDescriptor next)
        {
            foreach (var dependency in next.Dependencies)
            {
                Add(dependency);
            }

            if (seen.Add(next.Name))
            {
                set.File.Add(FileDescriptorProto.Parser.ParseFrom(next.SerializedData));
            }
        }
    }
}
