/** nginx as a shared cache on loopback. */

/** Serves the folders below `folder`; what is put below `bazel` is kept there. */
export function startNginx(folder: string, port: number): Deno.ChildProcess {
  const parts = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = parts.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
  Deno.chmodSync(folder, 0o755);
  Deno.writeTextFileSync(
    `${folder}/nginx.conf`,
    `daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
http { access_log off; sendfile on; ${temporary} server { listen 127.0.0.1:${port}; root ${folder};
  location /bazel/ { dav_methods PUT; create_full_put_path on; client_max_body_size 0; } } }
`,
  );
  const args = ["-c", `${folder}/nginx.conf`, "-p", folder, "-e", `${folder}/error.log`];
  return new Deno.Command("nginx", { args, stdout: "null" }).spawn();
}
