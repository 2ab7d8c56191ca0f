using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Zilla.EdgeGrpc.Json;

/// <summary>The messages of <c>google.protobuf</c> that JSON has forms of its own for (protobuf's "JSON mapping"); protobuf's library knows them.</summary>
internal static class WellKnownTypes
{
    public const string Any = "google.protobuf.Any";
    public const string NullValue = "google.protobuf.NullValue";

    private const string Value = "google.protobuf.Value";

    private static readonly Dictionary<string, MessageDescriptor> Known = new MessageDescriptor[]
    {
        Timestamp.Descriptor, Duration.Descriptor, FieldMask.Descriptor, Struct.Descriptor, Google.Protobuf.WellKnownTypes.Value.Descriptor, ListValue.Descriptor,
        DoubleValue.Descriptor, FloatValue.Descriptor, Int64Value.Descriptor, UInt64Value.Descriptor, Int32Value.Descriptor, UInt32Value.Descriptor, BoolValue.Descriptor,
        StringValue.Descriptor, BytesValue.Descriptor,
    }.ToDictionary(descriptor => descriptor.FullName, StringComparer.Ordinal);

    /// <summary>The library's own descriptor of it; null: a message like any other.</summary>
    public static MessageDescriptor? Find(MessageDescriptor message) => Known.GetValueOrDefault(message.FullName);

    /// <summary>Whether JSON's null is a value of the field, and not the lack of one.</summary>
    public static bool TakesNull(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => field.MessageType.FullName == Value,
        FieldType.Enum => field.EnumType.FullName == NullValue,
        _ => false,
    };

    /// <exception cref="InvalidOperationException">It has no JSON, such as a time in the year 10000.</exception>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not such a message.</exception>
    public static string ToJson(MessageDescriptor known, ReadOnlyMemory<byte> message) => JsonFormatter.Default.Format(known.Parser.ParseFrom(message.Span));

    /// <exception cref="InvalidProtocolBufferException">The text does not say such a message.</exception>
    /// <exception cref="InvalidJsonException">It says what the library does not take for JSON, such as a number beyond all numbers.</exception>
    public static byte[] ToBytes(MessageDescriptor known, string json) => JsonParser.Default.Parse(json, known).ToByteArray();
}
