using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Protos.Health;
using Zilla.EdgeGrpc.Schemas;

namespace Zilla.EdgeGrpc.Services;

/// <summary>Files of the services that the gateway serves itself.</summary>
internal static class OwnServices
{
    private static readonly FileDescriptor Health = HealthReflection.Descriptor;

    private static readonly FileDescriptor[] Reflection = [Protos.Reflection.V1.ReflectionReflection.Descriptor, Protos.Reflection.V1Alpha.ReflectionReflection.Descriptor];

    public static string HealthName { get; } = Health.Services[0].FullName;

    /// <summary>Those that are wanted and that the <c>.proto</c> files of the configuration do not have themselves: a configuration that brings them routes them as well.</summary>
    public static IReadOnlyList<FileDescriptor> Beside(ServiceSchema schema, bool health, bool reflection) =>
        [.. ((IEnumerable<FileDescriptor>)[.. health ? [Health] : Array.Empty<FileDescriptor>(), .. reflection ? Reflection : []]).Where(file => !IsIn(schema, file))];

    /// <summary>As an encoded <c>google.protobuf.FileDescriptorSet</c>.</summary>
    public static ReadOnlyMemory<byte> Encode(IEnumerable<FileDescriptor> files) => new FileDescriptorSet { File = { files.Select(file => file.ToProto()) } }.ToByteArray();

    private static bool IsIn(ServiceSchema schema, FileDescriptor file) =>
        schema.Files.Any(other => other.Name == file.Name || other.Package == file.Package);
}
