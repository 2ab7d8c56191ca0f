using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Zilla.EdgeGrpc.Schemas;

namespace Zilla.EdgeGrpc.Json;

/// <summary>
/// Messages as JSON and back, as protobuf's "JSON mapping" has it, for messages that are known from a schema only. Fields that have their default are left out;
/// fields that the schema does not know are passed over from protobuf, and an error from JSON.
/// </summary>
internal sealed class MessageJson(ServiceSchema schema)
{
    /// <summary>Messages in messages; deeper is refused, as protobuf's library does.</summary>
    public const int MostDepth = 100;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly FieldNames _names = new();

    /// <exception cref="JsonMappingException">The bytes are not such a message, or say what JSON cannot.</exception>
    public void ToJson(MessageDescriptor type, ReadOnlySequence<byte> message, IBufferWriter<byte> destination)
    {
        using var writer = new Utf8JsonWriter(destination, Options);
        new MessageWriter(schema, writer).Write(type, message.IsSingleSegment ? message.First : message.ToArray());
    }

    /// <exception cref="JsonMappingException">The text is not JSON, or not such a message.</exception>
    public byte[] ToMessage(MessageDescriptor type, ReadOnlySequence<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 2 * MostDepth });
            return new MessageReader(schema, _names).Read(type, document.RootElement);
        }
        catch (JsonException e)
        {
            throw new JsonMappingException("$", Describe(e));
        }
        catch (InvalidOperationException)
        {
            // The library finds it only when it is asked for the text.
            throw new JsonMappingException("$", "a text is not UTF-8, or has half of a surrogate pair");
        }
    }

    /// <summary>Without the library's advice to those who write programs with it; lines and bytes from 1 on.</summary>
    private static string Describe(JsonException e)
    {
        var reason = e.Message.Split(" LineNumber: ")[0].Replace(" in this mode. Change the reader options.", ".", StringComparison.Ordinal);
        return $"not JSON at {(e.LineNumber > 0 ? $"line {e.LineNumber + 1}, " : "")}byte {e.BytePositionInLine + 1}: {reason}";
    }
}
