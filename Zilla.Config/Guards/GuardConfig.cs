using System.Text.Json.Serialization;

namespace Zilla.Config.Guards;

/// <summary>An entry of <c>guards</c> (reference §3.1): who may pass, or, for <see cref="InlineGuard"/>, who the suite itself is.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "guard")]
[JsonDerivedType(typeof(JwtGuard), "jwt")]
[JsonDerivedType(typeof(X509Guard), "x509")]
[JsonDerivedType(typeof(InlineGuard), "inline")]
public abstract record GuardConfig
{
    public required string Name { get; init; }
}
