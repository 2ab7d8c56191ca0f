using System.Buffers;
using System.Text.Json;

namespace Zilla.Edge.Calls;

/// <summary>How a stream of JSON lines says that its call has not ended well: its last line.</summary>
/// <remarks><code>{"error":{"code":14,"message":"…"}}⏎</code></remarks>
public static class ErrorLine
{
    public static void Write(IBufferWriter<byte> body, Status status)
    {
        using (var json = new Utf8JsonWriter(body, ReadableJson.Options))
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
