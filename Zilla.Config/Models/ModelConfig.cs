using System.Text.Json.Serialization;

namespace Zilla.Config.Models;

/// <summary>Reference §3.4: what a key, a value, a header or a parameter has to be.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SchemaModel), "schema")]
[JsonDerivedType(typeof(StringModel), "string")]
[JsonDerivedType(typeof(NumberModel), "number")]
[JsonDerivedType(typeof(PlainModel), "plain")]
public abstract record ModelConfig
{
    /// <summary>One of the names of the reference, such as "avro".</summary>
    public required string Model { get; init; }

    /// <summary>On the way into Kafka: false = what does not fit passes and is told of (<c>lenient</c>).</summary>
    public bool EncodeStrictly { get; init; } = true;

    /// <summary>On the way out.</summary>
    public bool DecodeStrictly { get; init; } = true;
}

/// <summary>avro, json and protobuf.</summary>
public sealed record SchemaModel : ModelConfig
{
    public required string Catalog { get; init; }
    public required IReadOnlyList<CatalogedSchema> Schemas { get; init; }

    /// <summary><c>view: json</c>: JSON outside, the model's own form in Kafka.</summary>
    public bool ViewJson { get; init; }
}

/// <summary>One schema of a catalog: exactly one of <see cref="Id"/>, <see cref="Strategy"/> and <see cref="Subject"/> is set.</summary>
public sealed record CatalogedSchema
{
    public int? Id { get; init; }

    /// <summary>"topic", "encoded" or "tool".</summary>
    public string? Strategy { get; init; }

    public string? Subject { get; init; }
    public string Version { get; init; } = "latest";

    /// <summary>protobuf: the message's full name.</summary>
    public string? Record { get; init; }

    /// <summary>A document of changes to the schema, in a catalog too.</summary>
    public SchemaOverlay? Overlay { get; init; }
}

public sealed record SchemaOverlay(string Catalog, string Subject, string Version);

public sealed record StringModel : ModelConfig
{
    public bool Utf16 { get; init; }
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }

    /// <summary>A regular expression for the whole of it.</summary>
    public string? Pattern { get; init; }
}

/// <summary>int32, int64, float and double.</summary>
public sealed record NumberModel : ModelConfig
{
    /// <summary><c>format: binary</c>, else text.</summary>
    public bool Binary { get; init; }

    /// <summary>Such as <c>[1,10)</c>; null = any.</summary>
    public string? Range { get; init; }

    public decimal? Multiple { get; init; }
}

/// <summary>boolean and bytes.</summary>
public sealed record PlainModel : ModelConfig;
