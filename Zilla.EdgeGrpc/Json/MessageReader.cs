using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Reads one message from JSON.</summary>
internal sealed class MessageReader(ServiceSchema schema)
{
    private const int MapKey = 1, MapValue = 2, AnyType = 1, AnyValue = 2;

    private int _depth;

    /// <exception cref="JsonMappingException">It is not such a message.</exception>
    public byte[] Read(MessageDescriptor type, JsonElement json, string path)
    {
        if (++_depth > MessageJson.MostDepth)
        {
            throw new JsonMappingException(path, "messages are nested too deep");
        }

        var bytes = WellKnownTypes.Find(type) is { } known ? ReadKnown(known, json, path) : ReadMessage(type, Expect(json, JsonValueKind.Object, path), path);
        _depth--;
        return bytes;
    }

    private static byte[] ReadKnown(MessageDescriptor known, JsonElement json, string path)
    {
        try
        {
            return WellKnownTypes.ToBytes(known, json.GetRawText());
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or FormatException or OverflowException)
        {
            throw new JsonMappingException(path, e.Message);
        }
    }

    private byte[] ReadMessage(MessageDescriptor type, JsonElement json, string path)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            if (type.FullName == WellKnownTypes.Any)
            {
                ReadAny(json, output, path);
            }
            else
            {
                ReadFields(type, json, output, path);
            }
        }

        return bytes.ToArray();
    }

    private void ReadFields(MessageDescriptor type, JsonElement json, CodedOutputStream output, string path, string? except = null)
    {
        var (seen, oneofs) = (new HashSet<int>(), new HashSet<OneofDescriptor>());
        foreach (var property in json.EnumerateObject().Where(property => property.Name != except))
        {
            var at = $"{path}.{property.Name}";
            var field = Find(type, property.Name) ?? throw new JsonMappingException(at, $"{type.FullName} has no such field");
            if (!seen.Add(field.FieldNumber))
            {
                throw new JsonMappingException(at, "the field stands there twice");
            }

            if (property.Value.ValueKind == JsonValueKind.Null && !WellKnownTypes.TakesNull(field))
            {
                continue;
            }

            if (field.RealContainingOneof is { } oneof && !oneofs.Add(oneof))
            {
                throw new JsonMappingException(at, $"another field of the oneof {oneof.Name} is set already");
            }

            WriteField(field, property.Value, output, at);
        }
    }

    private static FieldDescriptor? Find(MessageDescriptor type, string name)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.JsonName == name || field.Name == name)
            {
                return field;
            }
        }

        return null;
    }

    private void WriteField(FieldDescriptor field, JsonElement json, CodedOutputStream output, string path)
    {
        if (field.IsMap)
        {
            foreach (var entry in Expect(json, JsonValueKind.Object, path).EnumerateObject())
            {
                output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(Entry(field.MessageType, entry, $"{path}.{entry.Name}")));
            }
        }
        else if (field.IsRepeated)
        {
            WriteElements(field, Expect(json, JsonValueKind.Array, path), output, path);
        }
        else if (field.FieldType == FieldType.Group)
        {
            throw new JsonMappingException(path, "groups of proto2 are not supported");
        }
        else
        {
            output.WriteTag(field.FieldNumber, ScalarText.WireTypeOf(field.FieldType));
            WriteValue(field, json, output, path);
        }
    }

    private void WriteElements(FieldDescriptor field, JsonElement json, CodedOutputStream output, string path)
    {
        var index = 0;
        // The library calls text and messages packed as well, which they cannot be.
        if (!field.IsPacked || ScalarText.WireTypeOf(field.FieldType) == WireFormat.WireType.LengthDelimited)
        {
            foreach (var element in json.EnumerateArray())
            {
                output.WriteTag(field.FieldNumber, ScalarText.WireTypeOf(field.FieldType));
                WriteValue(field, element, output, Element(path, index++));
            }

            return;
        }

        using var packed = new MemoryStream();
        using (var numbers = new CodedOutputStream(packed, leaveOpen: true))
        {
            foreach (var element in json.EnumerateArray())
            {
                WriteValue(field, element, numbers, Element(path, index++));
            }
        }

        if (index > 0)
        {
            output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(packed.ToArray()));
        }
    }

    private byte[] Entry(MessageDescriptor entry, JsonProperty property, string path)
    {
        var (keyField, valueField) = (entry.FindFieldByNumber(MapKey), entry.FindFieldByNumber(MapValue));
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(MapKey, ScalarText.WireTypeOf(keyField.FieldType));
            switch (keyField.FieldType)
            {
                case FieldType.String:
                    output.WriteString(property.Name);
                    break;
                case FieldType.Bool:
                    output.WriteBool(property.Name switch { "true" => true, "false" => false, _ => throw new JsonMappingException(path, "a key that is neither true nor false") });
                    break;
                default:
                    WriteInteger(keyField, property.Name, output, path);
                    break;
            }

            output.WriteTag(MapValue, ScalarText.WireTypeOf(valueField.FieldType));
            WriteValue(valueField, property.Value, output, path);
        }

        return bytes.ToArray();
    }

    private void ReadAny(JsonElement json, CodedOutputStream output, string path)
    {
        if (!json.TryGetProperty("@type", out var url) || url.ValueKind != JsonValueKind.String)
        {
            if (json.EnumerateObject().Any())
            {
                throw new JsonMappingException(path, "an Any without its @type");
            }

            return;
        }

        var name = url.GetString()!;
        var type = schema.FindMessage(name[(name.LastIndexOf('/') + 1)..]) ?? throw new JsonMappingException($"{path}.@type", $"{name} is in none of the .proto files");
        byte[] message;
        if (WellKnownTypes.Find(type) is not null || type.FullName == WellKnownTypes.Any)
        {
            message = json.TryGetProperty("value", out var value) ? Read(type, value, $"{path}.value") : throw new JsonMappingException(path, "an Any of that type has a value");
        }
        else
        {
            using var bytes = new MemoryStream();
            using (var fields = new CodedOutputStream(bytes, leaveOpen: true))
            {
                ReadFields(type, json, fields, path, except: "@type");
            }

            message = bytes.ToArray();
        }

        output.WriteTag(AnyType, WireFormat.WireType.LengthDelimited);
        output.WriteString(name);
        output.WriteTag(AnyValue, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(message));
    }

    private void WriteValue(FieldDescriptor field, JsonElement json, CodedOutputStream output, string path)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                output.WriteBytes(ByteString.CopyFrom(Read(field.MessageType, json, path)));
                break;
            case FieldType.String:
                output.WriteString(Text(json, path));
                break;
            case FieldType.Bytes:
                output.WriteBytes(ByteString.CopyFrom(Binary(Text(json, path), path)));
                break;
            case FieldType.Bool:
                output.WriteBool(json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw new JsonMappingException(path, "neither true nor false"));
                break;
            case FieldType.Double:
                output.WriteDouble(Number(json, path));
                break;
            case FieldType.Float:
                output.WriteFloat(Single(json, path));
                break;
            case FieldType.Enum:
                output.WriteEnum(EnumNumber(field.EnumType, json, path));
                break;
            default:
                WriteInteger(field, json.ValueKind == JsonValueKind.Number ? json.GetRawText() : Text(json, path), output, path);
                break;
        }
    }

    private static void WriteInteger(FieldDescriptor field, string text, CodedOutputStream output, string path)
    {
        if (!ScalarText.TryInteger(field.FieldType, text, out var number))
        {
            throw new JsonMappingException(path, $"not a number of type {field.FieldType.ToString().ToLowerInvariant()}");
        }

        switch (ScalarText.WireTypeOf(field.FieldType))
        {
            case WireFormat.WireType.Fixed64:
                output.WriteFixed64(number);
                break;
            case WireFormat.WireType.Fixed32:
                output.WriteFixed32((uint)number);
                break;
            default:
                output.WriteUInt64(number);
                break;
        }
    }

    private static int EnumNumber(EnumDescriptor type, JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.Number when json.TryGetInt32(out var number) => number,
        JsonValueKind.String when type.FindValueByName(json.GetString()!) is { } value => value.Number,
        _ => throw new JsonMappingException(path, $"not a value of {type.FullName}: it has {string.Join(", ", type.Values.Take(10).Select(value => value.Name))}"),
    };

    private static double Number(JsonElement json, string path) =>
        ScalarText.TryDouble(json.ValueKind == JsonValueKind.Number ? json.GetRawText() : Text(json, path), out var value) ? value : throw new JsonMappingException(path, "not a number");

    private static float Single(JsonElement json, string path) =>
        Number(json, path) is var value && (!double.IsFinite(value) || float.IsFinite((float)value)) ? (float)value : throw new JsonMappingException(path, "too large for a float");

    private static string Text(JsonElement json, string path) => Expect(json, JsonValueKind.String, path).GetString()!;

    /// <summary>Base64 of either alphabet, padded or not.</summary>
    private static byte[] Binary(string text, string path)
    {
        var standard = text.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var bytes = new byte[standard.Length];
        return Convert.TryFromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='), bytes, out var length) ? bytes[..length] : throw new JsonMappingException(path, "not Base64");
    }

    private static string Element(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    private static JsonElement Expect(JsonElement json, JsonValueKind kind, string path) =>
        json.ValueKind == kind ? json : throw new JsonMappingException(path, $"{kind} is expected, and not {json.ValueKind}");
}
