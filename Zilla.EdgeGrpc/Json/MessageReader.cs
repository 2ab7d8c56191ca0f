using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Reads one message from JSON.</summary>
/// <param name="schema">What the <c>.proto</c> files say.</param>
/// <param name="names">Of their fields.</param>
internal sealed class MessageReader(ServiceSchema schema, FieldNames names)
{
    private const int MapKey = 1, MapValue = 2, AnyType = 1, AnyValue = 2;
    private const string TypeOfAny = "@type", ValueOfAny = "value";

    private readonly JsonPath _path = new();
    private readonly WireWriter _output = new();
    private int _depth;

    /// <exception cref="JsonMappingException">It is not such a message.</exception>
    public byte[] Read(MessageDescriptor type, JsonElement json)
    {
        ReadMessage(type, json);
        return _output.ToArray();
    }

    private void ReadMessage(MessageDescriptor type, JsonElement json)
    {
        if (++_depth > MessageJson.MostDepth)
        {
            throw Wrong("messages are nested too deep");
        }

        if (WellKnownTypes.Find(type) is { } known)
        {
            _output.WriteRaw(Known(known, json));
        }
        else if (type.FullName == WellKnownTypes.Any)
        {
            ReadAny(Expect(json, JsonValueKind.Object));
        }
        else
        {
            ReadFields(type, Expect(json, JsonValueKind.Object));
        }

        _depth--;
    }

    private byte[] Known(MessageDescriptor known, JsonElement json)
    {
        try
        {
            return WellKnownTypes.ToBytes(known, json.GetRawText());
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException or ArgumentException)
        {
            throw Wrong(e.Message);
        }
    }

    /// <param name="type">Of the message.</param>
    /// <param name="json">An object.</param>
    /// <param name="except">What is no field of the message.</param>
    private void ReadFields(MessageDescriptor type, JsonElement json, string? except = null)
    {
        var (seen, oneofs) = (new HashSet<int>(), new HashSet<OneofDescriptor>());
        foreach (var property in json.EnumerateObject())
        {
            var name = property.Name;
            if (name == except)
            {
                continue;
            }

            _path.Enter(name);
            var field = names.Find(type, name) ?? throw Wrong($"{type.FullName} has no such field");
            if (!seen.Add(field.FieldNumber))
            {
                throw Wrong("the field stands there twice");
            }

            if (property.Value.ValueKind != JsonValueKind.Null || WellKnownTypes.TakesNull(field))
            {
                if (field.RealContainingOneof is { } oneof && !oneofs.Add(oneof))
                {
                    throw Wrong($"another field of the oneof {oneof.Name} is set already");
                }

                ReadField(field, property.Value);
            }

            _path.Leave();
        }
    }

    private void ReadField(FieldDescriptor field, JsonElement json)
    {
        if (field.IsMap)
        {
            foreach (var entry in Expect(json, JsonValueKind.Object).EnumerateObject())
            {
                ReadEntry(field, entry);
            }
        }
        else if (field.FieldType == FieldType.Group)
        {
            throw Wrong("groups of proto2 are not supported");
        }
        else if (field.IsRepeated)
        {
            ReadElements(field, Expect(json, JsonValueKind.Array));
        }
        else
        {
            _output.WriteTag(field.FieldNumber, ScalarText.WireTypeOf(field.FieldType));
            ReadValue(field, json);
        }
    }

    private void ReadElements(FieldDescriptor field, JsonElement json)
    {
        // The library calls text and messages packed as well, which they cannot be.
        var type = ScalarText.WireTypeOf(field.FieldType);
        var isPacked = field.IsPacked && type != WireFormat.WireType.LengthDelimited;
        var (index, begin) = (0, 0);
        if (isPacked && json.GetArrayLength() > 0)
        {
            _output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
            begin = _output.Begin();
        }

        foreach (var element in json.EnumerateArray())
        {
            _path.Enter(index++);
            if (!isPacked)
            {
                _output.WriteTag(field.FieldNumber, type);
            }

            ReadValue(field, element);
            _path.Leave();
        }

        if (begin > 0)
        {
            _output.End(begin);
        }
    }

    private void ReadEntry(FieldDescriptor map, JsonProperty entry)
    {
        var name = entry.Name;
        var (keyField, valueField) = (map.MessageType.FindFieldByNumber(MapKey), map.MessageType.FindFieldByNumber(MapValue));
        _path.Enter(name);
        _output.WriteTag(map.FieldNumber, WireFormat.WireType.LengthDelimited);
        var begin = _output.Begin();
        _output.WriteTag(MapKey, ScalarText.WireTypeOf(keyField.FieldType));
        switch (keyField.FieldType)
        {
            case FieldType.String:
                _output.WriteText(name);
                break;
            case FieldType.Bool:
                _output.WriteVarint(name switch { "true" => 1u, "false" => 0u, _ => throw Wrong("a key that is neither true nor false") });
                break;
            default:
                WriteInteger(keyField, name);
                break;
        }

        _output.WriteTag(MapValue, ScalarText.WireTypeOf(valueField.FieldType));
        ReadValue(valueField, entry.Value);
        _output.End(begin);
        _path.Leave();
    }

    private void ReadAny(JsonElement json)
    {
        if (!json.TryGetProperty(TypeOfAny, out var url) || url.ValueKind != JsonValueKind.String)
        {
            if (json.EnumerateObject().Any())
            {
                throw Wrong("an Any without its @type");
            }

            return;
        }

        var name = url.GetString()!;
        if (schema.FindMessage(name[(name.LastIndexOf('/') + 1)..]) is not { } type)
        {
            _path.Enter(TypeOfAny);
            throw Wrong($"{JsonPath.Show(name)} is in none of the .proto files");
        }

        _output.WriteTag(AnyType, WireFormat.WireType.LengthDelimited);
        _output.WriteText(name);
        _output.WriteTag(AnyValue, WireFormat.WireType.LengthDelimited);
        var begin = _output.Begin();
        if (WellKnownTypes.Find(type) is null && type.FullName != WellKnownTypes.Any)
        {
            ReadFields(type, json, except: TypeOfAny);
        }
        else if (!json.TryGetProperty(ValueOfAny, out var value) || json.EnumerateObject().Any(property => property.Name is not (TypeOfAny or ValueOfAny)))
        {
            throw Wrong("an Any of that type has a value, and nothing else");
        }
        else
        {
            _path.Enter(ValueOfAny);
            ReadMessage(type, value);
            _path.Leave();
        }

        _output.End(begin);
    }

    private void ReadValue(FieldDescriptor field, JsonElement json)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                var begin = _output.Begin();
                ReadMessage(field.MessageType, json);
                _output.End(begin);
                break;
            case FieldType.String:
                _output.WriteText(Text(json));
                break;
            case FieldType.Bytes:
                _output.WriteBytes(Binary(json));
                break;
            case FieldType.Bool:
                _output.WriteVarint(json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() ? 1u : 0u : throw Wrong("neither true nor false"));
                break;
            case FieldType.Double:
                _output.WriteFixed64(BitConverter.DoubleToUInt64Bits(Number(json)));
                break;
            case FieldType.Float:
                _output.WriteFixed32(BitConverter.SingleToUInt32Bits(Single(json)));
                break;
            case FieldType.Enum:
                _output.WriteVarint((ulong)EnumNumber(field.EnumType, json));
                break;
            default:
                WriteInteger(field, json.ValueKind == JsonValueKind.Number ? json.GetRawText() : Text(json));
                break;
        }
    }

    private void WriteInteger(FieldDescriptor field, string text)
    {
        if (!ScalarText.TryInteger(field.FieldType, text, out var number))
        {
            throw Wrong($"not a number of type {field.FieldType.ToString().ToLowerInvariant()}");
        }

        switch (ScalarText.WireTypeOf(field.FieldType))
        {
            case WireFormat.WireType.Fixed64:
                _output.WriteFixed64(number);
                break;
            case WireFormat.WireType.Fixed32:
                _output.WriteFixed32((uint)number);
                break;
            default:
                _output.WriteVarint(number);
                break;
        }
    }

    private int EnumNumber(EnumDescriptor type, JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null when type.FullName == WellKnownTypes.NullValue => 0,
        JsonValueKind.Number when json.TryGetInt32(out var number) => number,
        JsonValueKind.String when type.FindValueByName(json.GetString()!) is { } value => value.Number,
        _ => throw Wrong($"not a value of {type.FullName}: it has {string.Join(", ", type.Values.Take(10).Select(value => value.Name))}"),
    };

    private double Number(JsonElement json) =>
        ScalarText.TryDouble(json.ValueKind == JsonValueKind.Number ? json.GetRawText() : Text(json), out var value) ? value : throw Wrong("not a number");

    private float Single(JsonElement json) =>
        Number(json) is var value && (!double.IsFinite(value) || float.IsFinite((float)value)) ? (float)value : throw Wrong("too large for a float");

    private string Text(JsonElement json) => Expect(json, JsonValueKind.String).GetString()!;

    /// <summary>Base64 of either alphabet, padded or not.</summary>
    private byte[] Binary(JsonElement json)
    {
        if (Expect(json, JsonValueKind.String).TryGetBytesFromBase64(out var padded))
        {
            return padded;
        }

        var standard = json.GetString()!.Replace('-', '+').Replace('_', '/').TrimEnd('=');
        var bytes = new byte[standard.Length];
        return Convert.TryFromBase64String(standard.PadRight((standard.Length + 3) / 4 * 4, '='), bytes, out var length) ? bytes[..length] : throw Wrong("not Base64");
    }

    private JsonElement Expect(JsonElement json, JsonValueKind kind) => json.ValueKind == kind ? json : throw Wrong($"{kind} is expected, and not {json.ValueKind}");

    private JsonMappingException Wrong(string reason) => new(_path.ToString(), reason);
}
