using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Fields by what JSON may call them: the name that they have in JSON, and their own.</summary>
internal sealed class FieldNames
{
    private readonly ConcurrentDictionary<MessageDescriptor, Dictionary<string, FieldDescriptor>> _known = new();

    /// <summary>Null: the message has none of that name.</summary>
    public FieldDescriptor? Find(MessageDescriptor type, string name) => _known.GetOrAdd(type, Of).GetValueOrDefault(name);

    private static Dictionary<string, FieldDescriptor> Of(MessageDescriptor type)
    {
        var names = new Dictionary<string, FieldDescriptor>(StringComparer.Ordinal);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            names.TryAdd(field.JsonName, field);
            names.TryAdd(field.Name, field);
        }

        return names;
    }
}
