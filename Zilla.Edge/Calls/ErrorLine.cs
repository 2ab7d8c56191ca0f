using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Zilla.Edge.Calls;

/// <summary>How a stream of JSON lines says that its call has not ended well: its last line.</summary>
/// <remarks><code>{"error":{"code":14,"message":"…"}}⏎</code></remarks>
public static class ErrorLine
{
    /// <summary>For people who read it in a terminal: quotes and letters as they are.</summary>
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(IBufferWriter<byte> body, Status status)
    {
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteNumber("code", (int)status.Code);
            json.WriteString("message", status.Message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        body.Write("\n"u8);
    }
}
