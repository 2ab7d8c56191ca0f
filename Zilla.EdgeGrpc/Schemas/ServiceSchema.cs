using Google.Protobuf;
using Google.Protobuf.Reflection;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Zilla.EdgeGrpc.Schemas;

/// <summary>What the catalogued <c>.proto</c> files say: services with their methods, and the messages of both.</summary>
internal sealed class ServiceSchema
{
    private readonly Dictionary<string, MethodDescriptor> _methods;
    private readonly Dictionary<string, MessageDescriptor> _messages;

    private ServiceSchema(IReadOnlyList<FileDescriptor> files)
    {
        Files = files;
        Services = [.. files.SelectMany(file => file.Services)];
        _methods = Services.SelectMany(service => service.Methods).ToDictionary(method => $"{method.Service.FullName}/{method.Name}", StringComparer.Ordinal);
        _messages = files.SelectMany(file => file.MessageTypes).SelectMany(WithNested).ToDictionary(message => message.FullName, StringComparer.Ordinal);
    }

    public static ServiceSchema Empty { get; } = new([]);

    /// <summary>Each after those that it imports.</summary>
    public IReadOnlyList<FileDescriptor> Files { get; }

    public IReadOnlyList<ServiceDescriptor> Services { get; }

    /// <param name="sets">Encoded <c>google.protobuf.FileDescriptorSet</c>s, imports included; a file that several of them hold counts once.</param>
    /// <exception cref="FormatException">One cannot be read, or they contradict one another.</exception>
    public static ServiceSchema Parse(IEnumerable<ReadOnlyMemory<byte>> sets)
    {
        var files = new Dictionary<string, FileDescriptorProto>(StringComparer.Ordinal);
        var order = new List<ByteString>();
        try
        {
            foreach (var set in sets)
            {
                foreach (var file in FileDescriptorSet.Parser.ParseFrom(set.Span).File)
                {
                    if (files.TryAdd(file.Name, file))
                    {
                        order.Add(file.ToByteString());
                    }
                    else if (!files[file.Name].Equals(file))
                    {
                        throw new FormatException($"two files are called {file.Name}");
                    }
                }
            }

            return new ServiceSchema([.. FileDescriptor.BuildFromByteStrings(order)]);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or DescriptorValidationException)
        {
            throw new FormatException($"the .proto files cannot be used: {e.Message}", e);
        }
    }

    /// <param name="path">Of a call, without its first slash: <c>package.Service/Method</c>.</param>
    public MethodDescriptor? FindMethod(string path) => _methods.GetValueOrDefault(path);

    public MessageDescriptor? FindMessage(string fullName) => _messages.GetValueOrDefault(fullName);

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) => message.NestedTypes.SelectMany(WithNested).Prepend(message);
}
