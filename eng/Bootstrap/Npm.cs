namespace Zilla.Bootstrap;

/// <summary>Puts the tarball of a package, named <c>name@version</c>, into a folder.</summary>
internal delegate Task<Tool.Result> NpmPack(string spec, string folder, CancellationToken cancellation);

/// <summary>The npm client, which knows the registry to ask and how to log in there.</summary>
internal static class Npm
{
    public static Task<Tool.Result> PackAsync(string spec, string folder, CancellationToken cancellation) =>
        Tool.RunAsync(folder, "npm", ["pack", spec, "--silent", "--ignore-scripts", "--pack-destination", folder], cancellation);
}
