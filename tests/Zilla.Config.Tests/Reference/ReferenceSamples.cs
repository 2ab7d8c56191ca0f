using System.Globalization;
using System.Text.Json.Nodes;

namespace Zilla.Config.Tests.Reference;

/// <summary>Values to put at keys.</summary>
internal static class ReferenceSamples
{
    /// <summary>One that fits the type and is not the default.</summary>
    public static JsonNode Of(ReferenceKey key) => key switch
    {
        { Choices: { Count: > 0 } choices } => choices.FirstOrDefault(choice => choice != key.Default) ?? choices[0],
        { Path: "telemetry.metrics[]" or "metrics[]" } => "http.*",
        { Path: "options.signals[]" } => "logs",
        { Path: "options.versions[]" } => key.Default.Contains("h2", StringComparison.Ordinal) ? "h2" : "v5",
        { Name: "base64" } => "eA==",
        { Name: "kty" } => "RSA",
        { Name: "n" or "e" or "x" or "y" } => "AQAB",
        { Name: "crv" } => "P-256",
        _ => key.Type.Split(' ')[0] switch
        {
            "number" => Number(key.Bounds.From == key.Default || key.IsRequired ? key.Bounds.To : key.Bounds.From),
            "flag" => key.Default != "true",
            "ports" => 7114,
            "time" => key.Bounds.To,
            "URL" => "https://x.example/y",
            "mapping" => new JsonObject(),
            "list" => new JsonArray(),
            _ => "x",
        },
    };

    /// <summary>All that could make a difference.</summary>
    public static IEnumerable<JsonNode> All(ReferenceKey key) => key.Choices.Count > 0 ? key.Choices.Select(choice => (JsonNode)choice) : [Of(key)];

    /// <summary>The default, as the page writes it.</summary>
    public static JsonNode Default(ReferenceKey key) => key.Type.Split(' ')[0] switch
    {
        "number" => Number(key.Default),
        "flag" => key.Default == "true",
        _ when key.Default.StartsWith('[') && key.Path.EndsWith("[]", StringComparison.Ordinal) => new JsonArray([.. key.Default.Trim('[', ']').Split(", ").Select(item => (JsonNode)item)]),
        _ => key.Default.Trim('"'),
    };

    /// <summary>One that does not fit, and what the mistake has to say; null for types that anything fits.</summary>
    public static (JsonNode Value, string Mistake)? Wrong(ReferenceKey key) => key switch
    {
        { Choices: { Count: > 0 } choices } => ("qqqqqqqqqqqq", $"'qqqqqqqqqqqq' is none of {string.Join(", ", choices)}"),
        _ => key.Type.Split(' ')[0] switch
        {
            "number" => ("qqq", $"expected a whole number from {key.Bounds.From} to {key.Bounds.To}, found 'qqq'"),
            "flag" => ("qqq", "'qqq' is none of true, false"),
            "ports" => ("qqq", "expected a port from 1 to 65535 or a range such as 7000-7009, found 'qqq'"),
            "time" => ("qqq", $"expected a time from {key.Bounds.From} to {key.Bounds.To}"),
            "URL" => ("qqq", "expected an http(s) URL"),
            "text" or "secret" or "path" => (new JsonArray("qqq"), "expected a single value, found a list"),
            _ => null,
        },
    };

    private static JsonValue Number(string text) => JsonValue.Create(int.Parse(text, CultureInfo.InvariantCulture));
}
