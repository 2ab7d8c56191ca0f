using System.Text;

namespace Zilla.Control.Exchange;

/// <summary>The body of <c>PUT /config</c>: UTF-8, whatever its type says.</summary>
internal static class ConfigBody
{
    /// <summary>The loader's own limit is 1 Mi characters; beyond this a body is not even read to its end.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Exactly one of the two is null.</summary>
    public static async Task<(string? Text, IResult? Refusal)> ReadAsync(HttpContext context)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            if (bytes.Length + read > MaxBytes)
            {
                return (null, Problems.Of(context, StatusCodes.Status413PayloadTooLarge, "Too large", $"A configuration has at most {MaxBytes} bytes."));
            }

            bytes.Write(buffer, 0, read);
        }

        try
        {
            return (Strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length).TrimStart('\uFEFF'), null);
        }
        catch (DecoderFallbackException)
        {
            return (null, Problems.Of(context, StatusCodes.Status400BadRequest, "Bad request", "The body is not UTF-8."));
        }
    }
}
