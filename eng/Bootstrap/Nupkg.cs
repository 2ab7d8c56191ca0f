using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Zilla.Bootstrap;

/// <summary>A dependency on a package, at least in this version.</summary>
internal sealed record PackageDependency(string Id, string Version);

/// <summary>A package file with just what a restore reads. The same content gives the same bytes, on every machine and at every time.</summary>
internal sealed class Nupkg(WantedPackage package, string description)
{
    private const string Types =
        """<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="nuspec" ContentType="application/octet" /><Default Extension="dll" ContentType="application/octet" /><Default Extension="so" ContentType="application/octet" /><Default Extension="txt" ContentType="application/octet" /></Types>""";

    private static readonly XNamespace Schema = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd";

    // The earliest time that a zip file can carry.
    private static readonly DateTimeOffset Epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>The target frameworks this package is for.</summary>
    public IReadOnlyList<string> Frameworks { get; init; } = ["net10.0"];

    public IReadOnlyList<PackageDependency> Dependencies { get; init; } = [];

    /// <summary>Whether the assemblies use the shared framework of ASP.NET Core.</summary>
    public bool NeedsAspNetCore { get; init; }

    public string FileName => $"{package.Id}.{package.Version}.nupkg";

    public void Add(string path, byte[] content) => _files.Add(path, content);

    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(zip, $"{package.Id}.nuspec", Encoding.UTF8.GetBytes(Manifest()));
            Write(zip, "[Content_Types].xml", Encoding.UTF8.GetBytes(Types));
            foreach (var (path, content) in _files)
            {
                Write(zip, path, content);
            }
        }

        return bytes.ToArray();
    }

    private static void Write(ZipArchive zip, string path, byte[] content)
    {
        var entry = zip.CreateEntry(path, CompressionLevel.Optimal);
        entry.LastWriteTime = Epoch;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private string Manifest()
    {
        var dependencies = Dependencies
            .OrderBy(d => d.Id, StringComparer.Ordinal)
            .Select(d => new XElement(Schema + "dependency", new XAttribute("id", d.Id), new XAttribute("version", d.Version)));
        var metadata = new XElement(
            Schema + "metadata",
            new XElement(Schema + "id", package.Id),
            new XElement(Schema + "version", package.Version),
            new XElement(Schema + "authors", "repackaged, unmodified"),
            new XElement(Schema + "license", new XAttribute("type", "expression"), package.License),
            new XElement(Schema + "description", description),
            new XElement(Schema + "dependencies", Frameworks.Select(f => new XElement(Schema + "group", new XAttribute("targetFramework", f), dependencies))));
        if (NeedsAspNetCore)
        {
            metadata.Add(new XElement(
                Schema + "frameworkReferences",
                Frameworks.Select(f => new XElement(
                    Schema + "group", new XAttribute("targetFramework", f), new XElement(Schema + "frameworkReference", new XAttribute("name", "Microsoft.AspNetCore.App"))))));
        }

        // Line ends must not depend on the machine.
        return """<?xml version="1.0" encoding="utf-8"?>""" + new XElement(Schema + "package", metadata).ToString(SaveOptions.DisableFormatting);
    }
}
