using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Zilla.EdgeGrpc.Services;

/// <summary>Which file defines what, for server reflection.</summary>
internal sealed class SymbolIndex
{
    private readonly Dictionary<string, FileDescriptor> _files;
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly HashSet<string> _messages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    public SymbolIndex(IEnumerable<FileDescriptor> files)
    {
        _files = files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        foreach (var file in _files.Values)
        {
            var proto = file.ToProto();
            Add(file, proto.Package, proto.MessageType, proto.EnumType, proto.Extension);
            foreach (var service in proto.Service)
            {
                var name = Name(proto.Package, service.Name);
                _symbols[name] = file;
                AddAll(file, name, service.Method.Select(method => method.Name));
            }
        }
    }

    /// <param name="name">As imports have it.</param>
    public FileDescriptor? FindFile(string name) => _files.GetValueOrDefault(name);

    /// <param name="symbol">Full name, without a dot before it.</param>
    public FileDescriptor? FindSymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    public FileDescriptor? FindExtension(string message, int number) => _extensions.GetValueOrDefault(message)?.GetValueOrDefault(number);

    /// <summary>Ascending; null: there is no such message.</summary>
    public IEnumerable<int>? ExtensionsOf(string message) => !_messages.Contains(message) ? null : _extensions.TryGetValue(message, out var extensions) ? extensions.Keys : [];

    /// <summary>The file, then all that it imports, each encoded.</summary>
    public static IEnumerable<ByteString> WithImports(FileDescriptor file)
    {
        var (found, seen) = (new List<FileDescriptor> { file }, new HashSet<string>(StringComparer.Ordinal) { file.Name });
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(found[i].Dependencies.Where(import => seen.Add(import.Name)));
        }

        return found.Select(one => one.SerializedData);
    }

    private void Add(FileDescriptor file, string scope, IEnumerable<DescriptorProto> messages, IEnumerable<EnumDescriptorProto> enums, IEnumerable<FieldDescriptorProto> extensions)
    {
        foreach (var message in messages)
        {
            var name = Name(scope, message.Name);
            _symbols[name] = file;
            _messages.Add(name);
            AddAll(file, name, message.Field.Select(field => field.Name).Concat(message.OneofDecl.Select(oneof => oneof.Name)));
            Add(file, name, message.NestedType, message.EnumType, message.Extension);
        }

        foreach (var type in enums)
        {
            _symbols[Name(scope, type.Name)] = file;

            // Values lie beside their enum, not in it, as in C++.
            AddAll(file, scope, type.Value.Select(value => value.Name));
        }

        foreach (var extension in extensions)
        {
            _symbols[Name(scope, extension.Name)] = file;
            var extended = extension.Extendee.TrimStart('.');
            if (!_extensions.TryGetValue(extended, out var numbers))
            {
                _extensions[extended] = numbers = [];
            }

            numbers[extension.Number] = file;
        }
    }

    private void AddAll(FileDescriptor file, string scope, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _symbols[Name(scope, name)] = file;
        }
    }

    private static string Name(string scope, string name) => scope.Length == 0 ? name : $"{scope}.{name}";
}
