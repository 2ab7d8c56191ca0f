using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Zilla.Bootstrap;

/// <summary>What an assembly says about itself, read without loading it.</summary>
/// <param name="InformationalVersion">The product's version, with a commit behind a plus sign; null where it is not said.</param>
/// <param name="References">Names and versions of the assemblies it uses.</param>
internal sealed record AssemblyFacts(string? InformationalVersion, IReadOnlyList<(string Name, Version Version)> References)
{
    public static AssemblyFacts Read(byte[] assembly)
    {
        using var file = new PEReader(new MemoryStream(assembly, writable: false));
        var metadata = file.GetMetadataReader();
        return new(
            metadata.GetAssemblyDefinition().GetCustomAttributes().Select(a => InformationalVersionOf(metadata, a)).FirstOrDefault(v => v is not null),
            [.. metadata.AssemblyReferences.Select(metadata.GetAssemblyReference).Select(r => (metadata.GetString(r.Name), r.Version))]);
    }

    private static string? InformationalVersionOf(MetadataReader metadata, CustomAttributeHandle handle)
    {
        var attribute = metadata.GetCustomAttribute(handle);
        if (attribute.Constructor.Kind != HandleKind.MemberReference
            || metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } type
            || metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name) != "AssemblyInformationalVersionAttribute")
        {
            return null;
        }

        // An attribute's value begins with a two-byte prolog; its first argument follows.
        var value = metadata.GetBlobReader(attribute.Value);
        value.ReadUInt16();
        return value.ReadSerializedString();
    }
}
