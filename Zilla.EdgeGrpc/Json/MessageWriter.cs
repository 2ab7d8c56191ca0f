using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;

namespace Zilla.EdgeGrpc.Json;

/// <summary>Writes one message as JSON.</summary>
internal sealed class MessageWriter(ServiceSchema schema, Utf8JsonWriter writer)
{
    private const int MapKey = 1, MapValue = 2, AnyType = 1, AnyValue = 2;

    private int _depth;

    /// <exception cref="JsonMappingException">The bytes are not such a message, or say what JSON cannot.</exception>
    public void Write(MessageDescriptor type, ReadOnlyMemory<byte> message)
    {
        try
        {
            WriteMessage(type, message);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidDataException or InvalidOperationException)
        {
            throw new JsonMappingException(type.FullName, e.Message);
        }
    }

    private void WriteMessage(MessageDescriptor type, ReadOnlyMemory<byte> message)
    {
        if (++_depth > MessageJson.MostDepth)
        {
            throw new InvalidOperationException("messages are nested too deep");
        }

        if (WellKnownTypes.Find(type) is { } known)
        {
            writer.WriteRawValue(WellKnownTypes.ToJson(known, message));
        }
        else
        {
            writer.WriteStartObject();
            if (type.FullName == WellKnownTypes.Any)
            {
                WriteAny(new WireFields(message));
            }
            else
            {
                WriteFields(type, message);
            }

            writer.WriteEndObject();
        }

        _depth--;
    }

    private void WriteFields(MessageDescriptor type, ReadOnlyMemory<byte> message)
    {
        var fields = new WireFields(message);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            var values = fields[field.FieldNumber];
            if (values.Count > 0 && !IsReplaced(field, values[^1], fields))
            {
                WriteField(field, values);
            }
        }
    }

    private void WriteField(FieldDescriptor field, IReadOnlyList<WireValue> values)
    {
        if (field.IsMap)
        {
            writer.WriteStartObject(field.JsonName);
            WriteEntries(field, values);
            writer.WriteEndObject();
        }
        else if (field.IsRepeated)
        {
            writer.WriteStartArray(field.JsonName);
            foreach (var value in values.SelectMany(value => Unpacked(field, value)))
            {
                WriteValue(field, value);
            }

            writer.WriteEndArray();
        }
        else if (field.FieldType == FieldType.Message)
        {
            writer.WritePropertyName(field.JsonName);
            WriteMessage(field.MessageType, values.Count == 1 ? Expect(field, values[0]).Bytes : Joined(field, values));
        }
        else if (field.FieldType != FieldType.Group && (field.HasPresence || !IsDefault(values[^1])))
        {
            writer.WritePropertyName(field.JsonName);
            WriteValue(field, values[^1]);
        }
    }

    /// <summary>Of entries with the same key the last counts.</summary>
    private void WriteEntries(FieldDescriptor map, IReadOnlyList<WireValue> values)
    {
        var (keyField, valueField) = (map.MessageType.FindFieldByNumber(MapKey), map.MessageType.FindFieldByNumber(MapValue));
        var entries = new Dictionary<string, WireFields>(StringComparer.Ordinal);
        foreach (var value in values)
        {
            var fields = new WireFields(Expect(map, value).Bytes);
            entries[ScalarText.Key(keyField, Last(keyField, fields))] = fields;
        }

        foreach (var (key, fields) in entries)
        {
            writer.WritePropertyName(key);
            WriteValue(valueField, Last(valueField, fields));
        }
    }

    private void WriteAny(WireFields fields)
    {
        var url = fields[AnyType] is [.., var last] ? Encoding.UTF8.GetString(last.Bytes.Span) : "";
        if (url.Length == 0)
        {
            return;
        }

        var type = schema.FindMessage(url[(url.LastIndexOf('/') + 1)..]) ?? throw new InvalidOperationException($"the type of the Any, {JsonPath.Show(url)}, is in none of the .proto files");
        writer.WriteString("@type", url);
        var message = fields[AnyValue] is [.., var value] ? value.Bytes : default;
        if (WellKnownTypes.Find(type) is not null || type.FullName == WellKnownTypes.Any)
        {
            writer.WritePropertyName("value");
            WriteMessage(type, message);
        }
        else
        {
            WriteFields(type, message);
        }
    }

    private void WriteValue(FieldDescriptor field, WireValue value)
    {
        if (field.FieldType == FieldType.Message)
        {
            WriteMessage(field.MessageType, Expect(field, value).Bytes);
            return;
        }

        var number = Expect(field, value).Number;
        switch (field.FieldType)
        {
            case FieldType.Double:
                ScalarText.Write(writer, BitConverter.UInt64BitsToDouble(number));
                break;
            case FieldType.Float:
                ScalarText.Write(writer, BitConverter.UInt32BitsToSingle((uint)number));
                break;
            case FieldType.Bool:
                writer.WriteBooleanValue(number != 0);
                break;
            case FieldType.String:
                WriteText(value.Bytes.Span);
                break;
            case FieldType.Bytes:
                writer.WriteBase64StringValue(value.Bytes.Span);
                break;
            case FieldType.Enum when field.EnumType.FullName == WellKnownTypes.NullValue:
                writer.WriteNullValue();
                break;
            case FieldType.Enum:
                if (field.EnumType.FindValueByNumber((int)number) is { } named)
                {
                    writer.WriteStringValue(named.Name);
                }
                else
                {
                    writer.WriteNumberValue((int)number);
                }

                break;
            case FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Fixed64 or FieldType.SFixed64:
                writer.WriteStringValue(ScalarText.Integer(field.FieldType, number));
                break;
            default:
                writer.WriteRawValue(ScalarText.Integer(field.FieldType, number));
                break;
        }
    }

    /// <summary>Of the fields of a oneof the last that stands there is the one that is set.</summary>
    private static bool IsReplaced(FieldDescriptor field, WireValue value, WireFields fields) =>
        field.RealContainingOneof is { } oneof && oneof.Fields.Any(other => fields[other.FieldNumber] is [.., var last] && last.Place > value.Place);

    /// <summary>Several occurrences of a message are its parts: joined, they are the whole.</summary>
    private static byte[] Joined(FieldDescriptor field, IReadOnlyList<WireValue> parts)
    {
        var whole = new byte[parts.Sum(part => Expect(field, part).Bytes.Length)];
        var length = 0;
        foreach (var part in parts)
        {
            part.Bytes.CopyTo(whole.AsMemory(length));
            length += part.Bytes.Length;
        }

        return whole;
    }

    /// <summary>What is no UTF-8 is shown as well as it can be.</summary>
    private void WriteText(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
        {
            writer.WriteStringValue(text);
        }
        else
        {
            writer.WriteStringValue(Encoding.UTF8.GetString(text));
        }
    }

    private static WireValue Last(FieldDescriptor field, WireFields fields) => fields[field.FieldNumber] is [.., var last] ? Expect(field, last) : new(ScalarText.WireTypeOf(field.FieldType), 0, default);

    private static bool IsDefault(WireValue value) => value.Number == 0 && value.Bytes.IsEmpty;

    private static WireValue Expect(FieldDescriptor field, WireValue value) => value.Type == ScalarText.WireTypeOf(field.FieldType)
        ? value
        : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"field {field.Name} is of another wire type: {value.Type}"));

    /// <summary>Numbers may come packed or one by one, whatever the schema says.</summary>
    private static IEnumerable<WireValue> Unpacked(FieldDescriptor field, WireValue value)
    {
        var type = ScalarText.WireTypeOf(field.FieldType);
        if (type == WireFormat.WireType.LengthDelimited || value.Type != WireFormat.WireType.LengthDelimited)
        {
            yield return value;
            yield break;
        }

        var input = new WireReader(value.Bytes);
        while (!input.IsAtEnd)
        {
            yield return input.ReadValue(type);
        }
    }
}
