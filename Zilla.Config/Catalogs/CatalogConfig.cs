using System.Text.Json.Serialization;

namespace Zilla.Config.Catalogs;

/// <summary>Reference §3.3: where schemas come from.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "catalog")]
[JsonDerivedType(typeof(InlineCatalog), "inline")]
[JsonDerivedType(typeof(FilesystemCatalog), "filesystem")]
[JsonDerivedType(typeof(RegistryCatalog), "registry")]
[JsonDerivedType(typeof(ApicurioCatalog), "apicurio")]
public abstract record CatalogConfig
{
    public required string Name { get; init; }
}

/// <summary>Schemas in the file itself.</summary>
public sealed record InlineCatalog : CatalogConfig
{
    public required IReadOnlyDictionary<string, InlineSubject> Subjects { get; init; }
}

public sealed record InlineSubject
{
    public required string Schema { get; init; }
    public string Version { get; init; } = "latest";
}

/// <summary>Subject → absolute path of its schema.</summary>
public sealed record FilesystemCatalog : CatalogConfig
{
    public required IReadOnlyDictionary<string, string> Subjects { get; init; }
}

/// <summary>What the registries that are asked over http(s) have in common.</summary>
public abstract record RemoteCatalog : CatalogConfig
{
    public required Uri Url { get; init; }

    /// <summary>How long an answer is good; default 300 s.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The <c>authorization</c> header to send; a secret.</summary>
    public string? Authorization { get; init; }

    /// <summary>For https; null = as the machine is set up.</summary>
    public ClientTls? Tls { get; init; }

    /// <summary>Holds what <see cref="Tls"/> names.</summary>
    public string? Vault { get; init; }
}

/// <summary>Types schema-registry, karapace, karapace-schema-registry and confluent-schema-registry: one API, one wire format.</summary>
public sealed record RegistryCatalog : RemoteCatalog
{
    public string Context { get; init; } = "default";

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"registry {Name} {Url}";
}

/// <summary>Types apicurio and apicurio-registry.</summary>
public sealed record ApicurioCatalog : RemoteCatalog
{
    public string GroupId { get; init; } = "default";

    /// <summary>The ids that records carry: content ids, else global ids.</summary>
    public bool UseContentId { get; init; }

    /// <summary>Ids of four bytes (<c>legacy</c>), else of eight.</summary>
    public bool FourByteIds { get; init; }

    /// <summary>Says nothing secret: records are logged whole.</summary>
    public override string ToString() => $"apicurio {Name} {Url}";
}
