using Zilla.Config.Models;

namespace Zilla.Config.Bindings;

/// <summary>Reference §2.4, §2.7: an entry of <c>requests</c>; what requests of one path have to be, and their answers.</summary>
public sealed record HttpRequestModels
{
    public required string Path { get; init; }

    /// <summary>Null = any.</summary>
    public string? Method { get; init; }

    /// <summary>Empty = any.</summary>
    public IReadOnlyList<string> ContentTypes { get; init; } = [];

    public IReadOnlyDictionary<string, ModelConfig> Headers { get; init; } = new Dictionary<string, ModelConfig>();
    public IReadOnlyDictionary<string, ModelConfig> PathParams { get; init; } = new Dictionary<string, ModelConfig>();
    public IReadOnlyDictionary<string, ModelConfig> QueryParams { get; init; } = new Dictionary<string, ModelConfig>();
    public ModelConfig? Content { get; init; }
    public IReadOnlyList<HttpResponseModels> Responses { get; init; } = [];
}

public sealed record HttpResponseModels
{
    /// <summary>Empty = any.</summary>
    public IReadOnlyList<int> Status { get; init; } = [];

    public IReadOnlyList<string> ContentTypes { get; init; } = [];
    public IReadOnlyDictionary<string, ModelConfig> Headers { get; init; } = new Dictionary<string, ModelConfig>();
    public ModelConfig? Content { get; init; }
}
